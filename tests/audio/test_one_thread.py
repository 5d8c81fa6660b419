"""The copy of a model that computes in one thread."""

from ivr.audio.one_thread import one_thread_copy
from ivr.audio.voice import Voice


def test_the_copy_is_the_model_with_one_entry_of_metadata_behind_it(tmp_path):
    """Protocol buffers: field 14 of the model is an entry, fields 1 and 2 of which are its key and its value."""
    model = tmp_path / "a.onnx"
    model.write_bytes(b"weights")
    (tmp_path / "a.onnx.json").write_text("{}")
    (tmp_path / "work").mkdir()
    copy = one_thread_copy(Voice(model, "a"), tmp_path / "work")
    value = b'{"session_options": {"intra_op_num_threads": 1, "inter_op_num_threads": 1}}'
    entry = b"\x0a\x0aort_config" + b"\x12" + bytes([len(value)]) + value
    assert copy.model.read_bytes() == b"weights" + b"\x72" + bytes([len(entry)]) + entry
    assert copy.model.with_name(f"{copy.model.name}.json").read_text() == "{}"
    assert (copy.identity, model.read_bytes()) == ("a", b"weights")
