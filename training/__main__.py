"""``python -m training --kind gpt --out FOLDER`` makes a demo model anew."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from training import corpus
from training.pairs import train as pairs
from training.start import RECIPES
from training.train import save, train
from training.vit import train as vit


def main(
    out: Annotated[Path, typer.Option(help="Folder for the model; made if it isn't there.")],
    kind: Annotated[
        Literal["bert", "gpt", "pairs", "vit"], typer.Option(help="Which model.")
    ] = "gpt",
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Default: 2000 for bert, 1500 for gpt, {pairs.STEPS} for pairs, "
            f"{vit.STEPS} for vit.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of weights and data.")] = 0,
    text: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Train on this file, one document a line, instead of the two Debian packages. "
            "The vit needs neither.",
        ),
    ] = None,
) -> None:
    """Train a small transformer whose heads are known, in two to five minutes of one core."""
    if kind == "vit":
        model = vit.train(steps=steps or vit.STEPS, seed=seed, report=typer.echo)
        vit.save(model, out)
    elif kind == "pairs":
        steps, documents = steps or pairs.STEPS, corpus.documents(text)
        model, tokenizer = pairs.train(documents, steps=steps, seed=seed, report=typer.echo)
        pairs.save(model, tokenizer, out)
    else:
        recipe, documents = RECIPES[kind], corpus.documents(text)
        steps = steps or recipe.steps
        model, tokenizer = train(recipe, documents, steps=steps, seed=seed, report=typer.echo)
        save(model, tokenizer, out)
    typer.echo(f"{model.num_parameters():,} parameters in {out}")


if __name__ == "__main__":
    typer.run(main)
