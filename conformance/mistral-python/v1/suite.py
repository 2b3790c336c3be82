from mistralai import Mistral, models

from life_cycle import run

run(Mistral, models.SDKError, models.HTTPValidationError, chat_input="inputs")
