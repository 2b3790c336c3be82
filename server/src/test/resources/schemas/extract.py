"""Writes mistral-openapi-2026-07-06.json: the schemas that tests validate responses against.

Usage: python extract.py DOCUMENT.yaml > mistral-openapi-2026-07-06.json
DOCUMENT is Mistral's OpenAPI document of 2026-07-06. Only what validates is kept: no descriptions, titles, examples.
"""
import json
import sys

import yaml

ROOTS = [
    "CreateFileResponse", "ListFilesResponse", "GetFileResponse", "DeleteFileResponse", "GetSignedUrlResponse",
    "CompletionFineTuningJob", "CompletionFineTuningJobDetails", "ListFineTuningJobsResponse", "LegacyJobMetadata",
    "CompletionFineTunedModel", "ArchiveModelResponse", "UnarchiveModelResponse", "DeleteModelResponse",
    "ModelList", "BaseModelCard", "FTModelCard", "ChatCompletionResponse", "CompletionChunk", "HTTPValidationError",
]
DROPPED = {"description", "title", "example", "examples", "default", "discriminator", "deprecated"}
PREFIX = "#/components/schemas/"


NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


def number(key, value):
    # YAML 1.1 reads 1e-08 as a text.
    return float(value) if key in NUMBERS and isinstance(value, str) else value


def slim(node, is_properties=False):
    if isinstance(node, dict):
        return {key: slim(number(key, value), key == "properties" and not is_properties)
                for key, value in node.items() if is_properties or key not in DROPPED}
    if isinstance(node, list):
        return [slim(value) for value in node]
    return "#/$defs/" + node[len(PREFIX):] if isinstance(node, str) and node.startswith(PREFIX) else node


def references(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
    elif isinstance(node, str) and node.startswith("#/$defs/"):
        yield node[len("#/$defs/"):]


with open(sys.argv[1], encoding="utf-8") as document:
    schemas = yaml.safe_load(document)["components"]["schemas"]
kept, left = {}, list(ROOTS)
while left:
    name = left.pop()
    if name not in kept:
        kept[name] = slim(schemas[name])
        left.extend(references(kept[name]))
json.dump({"$comment": "Mistral OpenAPI document of 2026-07-06", "$defs": dict(sorted(kept.items()))}, sys.stdout,
          indent=1)
print()
