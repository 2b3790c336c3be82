"""Writes golden/tokenizer.json: ids that Python's tokenizers library gives with the bundled model's tokenizer.json.

Run with tokenizers 0.23.3: python engine/src/test/resources/corpus/make_tokenizer.py
"""
import json
import pathlib

from tokenizers import Tokenizer

here = pathlib.Path(__file__).parent
root = here.parents[4]
tokenizer = Tokenizer.from_file(str(root / "models" / "luthier-tiny" / "tokenizer.json"))
texts = [
    "turn the lamp in the kitchen no wait in the bedroom down by 30 percent",
    '{"device":"lamp","place":"bedroom","action":"lower","value":30,"unit":"percent","time":"21:30"}',
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    "Anna Hall, 35 Dover Street; ANNA iPhone XIV",
    "  two  spaces\tand\r\nlines \n\n end ",
    "Straße ǅ naïve élan — “quoted” … 漢字かな 한국어 العربية हिन्दी ٣٤ ½ ² \u00a0x\u2003y",
    "emoji 😀👩‍👩‍👧 and zero\u200bwidth",
    "snake_case camelCase 3.14e-10 a+b=c && (d || !e)",
    "",
    " ",
    "\n",
]
golden = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in texts]
(here / "golden").mkdir(exist_ok=True)
(here / "golden" / "tokenizer.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
