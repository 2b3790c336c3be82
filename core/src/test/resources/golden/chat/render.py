"""Renders conversations.json with every template in templates/ as transformers does.

The templates are written down from the published behaviour of the models they are named after. Writes renderings.json:
per template and conversation the text with and without generation prompt, the continued last message where there is
one to continue (null where Python refuses), and the spans of generation blocks as code-point offsets.
Made with transformers 5.24, Jinja2 3.1.6:  python render.py
"""
import datetime
import json
import pathlib

import transformers.utils.chat_template_utils as chat_template_utils

HERE = pathlib.Path(__file__).parent
SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat_template_utils.datetime = FixedTime


def render(template, conversation, tools, **options):
    try:
        texts, spans = chat_template_utils.render_jinja_template(
            [conversation], tools=tools, chat_template=template, **options, **SPECIAL_TOKENS)
        return texts[0], spans
    except Exception:  # whatever Python says, the template refuses the conversation
        return None, []


tools_by_name = json.loads((HERE / "tools.json").read_text())
conversations = json.loads((HERE / "conversations.json").read_text())
result = {}
for path in sorted((HERE / "templates").glob("*.jinja")):
    template = path.read_bytes().decode()
    result[path.stem] = {}
    for name, case in conversations.items():
        messages = case["messages"]
        tools = [tools_by_name[tool] for tool in case.get("tools", [])] or None
        rendering = {
            "text": render(template, messages, tools)[0],
            "prompt": render(template, messages, tools, add_generation_prompt=True)[0],
        }
        if messages[-1]["role"] == "assistant" and messages[-1].get("content"):
            rendering["continued"] = render(template, messages, tools, continue_final_message=True)[0]
        if "generation" in path.stem:
            rendering["spans"] = [list(span) for spans in
                                  render(template, messages, tools, return_assistant_tokens_mask=True)[1]
                                  for span in spans]
        result[path.stem][name] = rendering
(HERE / "renderings.json").write_text(json.dumps(result, ensure_ascii=True, indent=0) + "\n")
print(sum(r["text"] is not None for t in result.values() for r in t.values()), "renderings,",
      sum(r["text"] is None for t in result.values() for r in t.values()), "refusals")
for t, rs in result.items():
    print(t, [n for n, r in rs.items() if r["text"] is None])
