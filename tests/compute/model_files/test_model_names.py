"""What a name is, told from the name alone."""

import pytest

from compute.model_files import names


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("owner/name:file.gguf", ("owner/name", "file.gguf")),
        ("owner/name:q4/file-Q4_K.gguf", ("owner/name", "q4/file-Q4_K.gguf")),
        ("owner/name:../file.gguf", None),
        ("owner/name:/etc/file.gguf", None),
        ("owner/name:file.safetensors", None),
        ("name:file.gguf", None),
        ("owner/name", None),
    ],
)
def test_files_of_the_hub(spec, parts):
    assert names.file_of_hub(spec) == parts


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("gpt2 + ./adapter", ("gpt2", "./adapter")),
        ("gpt2+owner/lora", ("gpt2", "owner/lora")),
        ("/c++/a + /c++/b", ("/c++/a", "/c++/b")),
        ("/c++/a", None),
        ("gpt2 +", None),
        ("gpt2", None),
    ],
)
def test_models_and_adapters(spec, parts):
    assert names.of_two(spec) == parts
