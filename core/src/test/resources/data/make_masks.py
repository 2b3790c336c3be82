"""Writes golden/masks.json: tokens of conversations and which of them the assistant spoke, as transformers says.

Run with transformers 5.18 in this folder, beside ../tokenizer: python make_masks.py
Spans are UTF-16 units, as Java counts.
"""

import json
import os

import transformers
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}"
)
# The assistant's text follows words without a special token between, so tokens may cross the boundaries.
PLAIN = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ 'answer: ' }}"
    "{% generation %}{{ message['content'] }}{% endgeneration %}{{ '\n\n' }}"
    "{% else %}{{ 'question: ' + message['content'] + '\n\n' }}{% endif %}{% endfor %}"
)

# No answer ends in a character of several tokens: transformers counts only the first of them.
CONVERSATIONS = [
    [("user", "Switch the lamp on"), ("assistant", "{\"device\":\"lamp\",\"action\":\"on\"}")],
    [("system", "Be kind."), ("user", "Grüße 😀!"), ("assistant", "😀👍🏽 naïve"), ("user", "and"), ("assistant", "the dog")],
    [("user", "x"), ("assistant", "\n\nStarts with a line break \n"), ("user", ""), ("assistant", " y")],
    [("user", "日本"), ("assistant", "こんにちは世界。 a"), ("assistant", "twice")],
]


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def case(kind, name, template, conversation):
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"../tokenizer/{kind}/tokenizer.json")
    messages = [{"role": role, "content": content} for role, content in conversation]
    rendered, indices = render_jinja_template(conversations=[messages], chat_template=template,
                                              return_assistant_tokens_mask=True)
    encoded = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=True, return_dict=True,
                                            return_assistant_tokens_mask=True)
    return {
        "tokenizer": kind,
        "template": name,
        "messages": messages,
        "text": rendered[0],
        "spans": [[utf16(rendered[0], a), utf16(rendered[0], b)] for a, b in indices[0]],
        "ids": encoded["input_ids"],
        "mask": encoded["assistant_masks"],
    }


cases = [
    case(kind, name, template, conversation)
    for kind in ("byte-level", "metaspace")
    for name, template in (("chatml", CHATML), ("plain", PLAIN))
    for conversation in CONVERSATIONS
]
os.makedirs("golden", exist_ok=True)
with open("golden/masks.json", "w", encoding="utf-8") as out:
    json.dump({"made_by": f"make_masks.py, transformers {transformers.__version__}",
               "templates": {"chatml": CHATML, "plain": PLAIN}, "cases": cases}, out, ensure_ascii=True, separators=(",", ":"))
    out.write("\n")
