"""A model that computes in one thread.

Each core has a voice program of its own, so threads within one only wait for each other: 25 s of processor time where
15 would do. piper has no switch for it; ONNX Runtime takes it from a model's own metadata (`ort_config`). The sound is
the same to the bit.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from ivr.audio.voice import Voice

ENVIRONMENT = {"ORT_LOAD_CONFIG_FROM_MODEL": "1"}
_OPTIONS = {"session_options": {"intra_op_num_threads": 1, "inter_op_num_threads": 1}}
_METADATA, _KEY, _VALUE = 14, 1, 2  # fields of ONNX's ModelProto and of the entries in it


def one_thread_copy(voice: Voice, folder: Path) -> Voice:
    """Copy a voice with the option added to its model. A protocol buffer is extended by writing behind it."""
    model, copy = voice.model, folder / "voice.onnx"
    shutil.copyfile(model, copy)
    shutil.copyfile(model.with_name(f"{model.name}.json"), folder / "voice.onnx.json")
    entry = _bytes(_KEY, b"ort_config") + _bytes(_VALUE, json.dumps(_OPTIONS).encode())
    with copy.open("ab") as file:
        file.write(_bytes(_METADATA, entry))
    return replace(voice, model=copy)


def _bytes(field: int, content: bytes) -> bytes:
    """Encode one length-delimited field."""
    size, encoded = len(content), [field << 3 | 2]
    while size > 0x7F:  # noqa: PLR2004 seven bits a byte
        encoded.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*encoded, size]) + content
