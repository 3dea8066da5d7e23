"""``python -m training.vit FOLDER`` draws the pictures of ``data/pictures/twins`` anew."""

from pathlib import Path

import typer

from training.vit.pictures import write

if __name__ == "__main__":
    typer.run(lambda folder: write(Path(folder)))
