from mistralai.client import Mistral, errors

from life_cycle import run

run(Mistral, errors.SDKError, errors.HTTPValidationError, chat_input="input")
