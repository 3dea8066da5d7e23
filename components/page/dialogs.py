"""The dialogs: another model, and one's own text."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.gate import limits
from components.parts.controls import dialog, field, labelled, select

MOST = {"data-most": limits.FILE_BYTES}  # assets/page/refused.js looks at it
FILE_PROMPT = "or drop a .txt file here, or click to choose one; .tsv for source and target"
SPECS = [
    ("owner/name", "a model of the Hugging Face hub, fetched if it is not on this machine"),
    ("~/models/mine", "a folder with config.json, weights and tokenizer"),
    ("~/x.gguf, owner/name:x.gguf", "a GGUF file, here or of the hub"),
    ("model + adapter", "a LoRA adapter with the model that it is for"),
]
"""What names a model, for people."""
PASSAGES = [
    ("auto", "paragraphs if there are blank lines, else lines"),
    ("line", "one a line"),
    ("paragraph", "one a paragraph"),
]


def model_dialog() -> dbc.Modal:
    """Ask for a Hugging Face id, a folder or a file."""
    parts = [
        field(
            "Hugging Face id, folder or GGUF file",
            "model-input",
            "google-bert/bert-base-uncased  or  ~/models/mine",
            size=None,
        ),
        html.Ul([html.Li([html.B(spec), f": {what}"]) for spec, what in SPECS], className="note"),
        html.P(
            "Any encoder or decoder of text, or both in one, that transformers can read and whose "
            "attention is a softmax of queries times keys: BERT, RoBERTa, ModernBERT, DeBERTa, "
            "GPT-2, GPT-J, Llama, Qwen, Mistral, Gemma, Phi, T5, BART, Marian and most others; and "
            "models of pictures: ViT, DINOv2, BEiT, CLIP, SigLIP. Code that comes with a model is "
            "never run.",
            className="note",
        ),
    ]
    return dialog("model-dialog", "Another model", parts, ("model-open", "Open"))


def text_dialog() -> dbc.Modal:
    """Ask for text, pasted or as a file."""
    pasted = dbc.Textarea(id="text-input", rows=6, placeholder="One passage a line …")
    file = dcc.Upload(
        FILE_PROMPT,
        id="text-file",
        className="drop",
        accept=".txt,.tsv,text/plain",
        multiple=False,
        max_size=limits.FILE_BYTES,
    )
    targets = dbc.Textarea(
        id="text-targets", rows=3, placeholder="One line for each passage; it may be empty …"
    )
    parts = [
        html.Div(labelled("Paste text", pasted), **MOST),
        html.Label(file, className="d-block", **MOST),  # the field inside is named by its words
        html.Details(
            [
                html.Summary("Targets, for a model with an encoder and a decoder"),
                html.Div(labelled("Targets", targets), **MOST),
                html.P(
                    "What the decoder reads with each passage, such as its translation. Where a "
                    "line is empty, or without any, the model writes the target itself, the "
                    "likeliest next token each time. Other models read the passages alone.",
                    className="note",
                ),
            ],
            id="text-pairs",
        ),
        labelled("Passages", select("text-by", PASSAGES)),
        html.P(
            "Each passage goes through the model on its own. Passages longer than the "
            "model can read are split. The text stays on this machine.",
            className="note",
        ),
    ]
    return dialog("text-dialog", "Your own text", parts, ("text-use", "Use this text"), size="lg")
