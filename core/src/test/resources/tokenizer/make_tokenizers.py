"""Makes the small tokenizers of TokenizerTest and what Python's tokenizers say of them.

Run with tokenizers 0.23 in this folder: python make_tokenizers.py
For each kind it writes KIND/tokenizer.json and golden/KIND.json. Offsets are UTF-16 units, as Java counts.
"""

import json
import os

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "The quick brown fox jumps over the lazy dog. The dog sleeps in the sun, and the fox runs into the wood.",
    "Switch the lamp in the kitchen on at 7:30 and turn the heating in the bedroom down to 18 degrees.",
    "Grüße aus München, où est la gare? ¿Dónde está el niño? Żółta łódź.",
    "def add(a, b):\n    return a + b\n\nprint(add(1, 22))\n",
    "こんにちは世界。今日はいい天気ですね。",
]

TEXTS = [
    "",
    " ",
    "Hello world",
    "  two  spaces  and\ttab\n\nnewlines \r\n",
    "the dog and the fox",
    "naïve café Grüße",
    "cafe\u0301 o\u0302 n\u0303",
    "Å\u212b \ufb01n \u00a0nbsp",
    "日本語のテキスト、漢字。",
    "한국어 \u1112\u1161\u11ab",
    "مرحبا بالعالم",
    "😀",
    "a😀b 👩‍👩‍👧‍👦 🇩🇪 👍🏽!",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U00020000",
    "1234567890 3.14 1e-9",
    "\ufffd replacement \ufeff bom \u200b zero",
    "nul\u0000 and \u0007 bell",
    "{\"a\": [1, 2, \"x\\n\"]}",
    "word " * 40,
]

SPECIAL_TEXTS = [
    "<|im_start|>user\nHi <|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|> lamp<|im_end|>😀<|im_end|>",
    "a <tool> b<tool>c",
]


def utf16(text):
    """UTF-16 position of each code point, and of the end."""
    positions, position = [], 0
    for char in text:
        positions.append(position)
        position += 2 if ord(char) > 0xFFFF else 1
    return positions + [position]


def golden(tokenizer, texts):
    cases = []
    for text in texts:
        case = {"text": text}
        positions = utf16(text)
        for special, name in ((False, "plain"), (True, "template")):
            encoding = tokenizer.encode(text, add_special_tokens=special)
            case[name] = {
                "ids": encoding.ids,
                "offsets": [[positions[a], positions[b]] for a, b in encoding.offsets],
                "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=False),
                "decoded_without_special": tokenizer.decode(encoding.ids, skip_special_tokens=True),
            }
        cases.append(case)
    return cases


def save(kind, tokenizer, texts):
    os.makedirs(kind, exist_ok=True)
    os.makedirs("golden", exist_ok=True)
    tokenizer.save(f"{kind}/tokenizer.json", pretty=False)
    content = {
        "made_by": f"make_tokenizers.py, tokenizers {tokenizers.__version__}",
        "vocab_size": max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1,
        "tokens": {t: i for t, i in sorted(tokenizer.get_vocab().items(), key=lambda e: e[1])[:20]},
        "cases": golden(tokenizer, texts),
    }
    with open(f"golden/{kind}.json", "w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=True, separators=(",", ":"))
        out.write("\n")


def byte_level():
    """As Llama 3, Qwen and SmolLM2: regular expression, bytes, chat tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(split), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=420, show_progress=False,
                                  special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([AddedToken("<tool>", special=False, normalized=False)])
    start = tokenizer.token_to_id("<|endoftext|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|endoftext|> $A", pair="<|endoftext|> $A $B",
                                      special_tokens=[("<|endoftext|>", start)]),
    ])
    save("byte-level", tokenizer, TEXTS + SPECIAL_TEXTS)


def bytes_vocab():
    return ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]


def metaspace():
    """As Llama 2 and Mistral 7B: sentencepiece BPE whose normalizer writes the spaces, bytes for the rest."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(vocab_size=200, show_progress=False,
                                                                max_token_length=8))
    model = json.loads(trained.to_str())["model"]
    tokens = bytes_vocab() + [t for t, _ in sorted(model["vocab"].items(), key=lambda e: e[1])]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)},
                                     merges=[tuple(m) for m in model["merges"]],
                                     unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = trained.normalizer
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<|im_start|>", "<|im_end|>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B",
                                                             special_tokens=[("<s>", 1)])
    save("metaspace", tokenizer, TEXTS + SPECIAL_TEXTS)


def unigram():
    """Sentencepiece unigram, whose vocabulary is a list: the pre-tokenizer writes the spaces; truncation is on."""
    words = sorted({word for line in CORPUS for word in line.split()})
    chars = sorted({char for line in CORPUS for char in line} - {" ", "\n"})
    pieces = ["<unk>", "<s>", "</s>", "▁"] + ["▁" + word for word in words[::2]] + words[1::2] + chars
    vocab = [(piece, -float(rank)) for rank, piece in enumerate(dict.fromkeys(pieces))]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    texts = TEXTS + SPECIAL_TEXTS
    save("unigram", tokenizer, texts)
    # The file asks for truncation and padding; both are switched off by who loads it.
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=8)
    tokenizer.save("unigram/tokenizer.json", pretty=False)


if __name__ == "__main__":
    byte_level()
    metaspace()
    unigram()
