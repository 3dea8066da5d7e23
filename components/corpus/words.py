"""What the stage "Corpus" says: what its "?" open, and sentences about what was measured."""

from dash import html

from compute.corpus.findings import Findings

ASK = [
    html.P(
        "One text says what a head did there. Over a large and mixed collection of texts, a "
        "corpus, it may do something else. Here every head is measured over as many tokens as you "
        "choose, with intervals that say how far the numbers can be trusted."
    ),
    html.P(
        "The corpus is cut into passages of some hundred tokens that the model reads one by one; a "
        "random part of it is read, of the length you choose. A document is what belongs together: "
        "a paragraph, a line of a data file. Intervals are over documents."
    ),
    html.P(
        "A slice is a part of the corpus that has a name: a file, a folder, or the value of a "
        "field such as a language. Every score is also given by slice."
    ),
    html.P(
        "“Loss per token” measures how well the model predicts each token, in causal models. Your "
        "own classes are one “name = pattern” a line, as in the stage Patterns."
    ),
]
GRID = [
    html.P(
        "One score of every head over the whole corpus, or a slice of it. Hover for the 95 % "
        "interval, which is over documents; click a head to open it, here and everywhere."
    ),
    html.P(
        "“Difference to the rest”: the chosen slice minus all of the corpus that is not in it. "
        "Where the interval has 0 in it, the slice may be like the rest."
    ),
]
SCATTER = [
    html.P(
        "Each point is a head; both axes and the colour are scores of your choice. Heads that do "
        "something special lie apart from the cloud. Click a point to open the head; a ring marks "
        "the one that is open, and arrow keys walk from head to head."
    ),
    html.P("Thin bars, if you switch them on, are 95 % intervals over documents."),
]
EXAMPLES = [
    html.P(
        "Passages of the corpus, each ranked by this head's largest attention in it: the most that "
        "one ordinary token gives to another one. All passages in that order, cut into ten equal "
        "parts, are tenths (deciles): the tenth tenth is the strongest. Look at weak ones too: "
        "what a head does at its strongest may be rare."
    ),
    html.P(
        "The blue frame is the token that looks, words it looks at are shaded. Point at another "
        "word, tap it, or walk with the arrow keys: shaded orange is what it looks at, framed in "
        "blue are the words that look at it. Of each word at most 8 are kept, with attention "
        "above .005; sinks (special tokens, and the first token of causal models) are left out."
    ),
    html.P(
        "“Open this sequence” opens the passage in the stage Heads, with its map, its heatmap and "
        "all else. Only there is all attention shown."
    ),
]
SPREAD = [
    html.P(
        "Largest attention: of each token the most that it gives to one. Entropy: how widely it "
        "spreads its attention, in nats; 0 is all on one. Both say how many tokens do so."
    ),
    html.P(
        "Distance: how far away what the head looks at is, in tokens; 0 is the token itself. "
        "Position: where in its passage that is. Both say how much of the head's attention goes "
        "there; their bins double in width: 1, 2–3, 4–7, …"
    ),
    html.P(
        "Loss, if it was measured: how badly the next token is predicted, on average, by how hard "
        "the token looks at one. It shows where a head is at work, not that the head does it."
    ),
]
TOKENS = [
    html.P(
        "Query tokens: which tokens look hardest at one other token, by the mean of their largest "
        "attention. Key tokens: which ones get most attention, by the mean of all that one gets. "
        "Lift is that mean over the mean of all tokens in this head: 1 × is nothing special. "
        "Tokens that were seen fewer than 5 times are left out."
    ),
    html.P(
        "Pairs: which token looks at which, in the examples of this head alone, by the mean "
        "attention between them where it is above .005. Lift is that attention over what it "
        "would be if it depended on either token alone."
    ),
]
CLASSES = [
    html.P(
        "Rows: the class of the token that looks. Columns: the class of the token looked at. Lift "
        "is the attention over chance, which is what equal attention to all keys in view would "
        "give: 1 × is no preference."
    ),
]
BESIDE = [
    html.P(
        "Left: the open head, in the corpus and slice chosen above. Right: any head, in any slice "
        "of any corpus that was measured, also of another model."
    ),
    html.P(
        "A difference is bold where the two 95 % intervals don't touch. That is a careful rule: "
        "where they touch a little, the difference may still be real."
    ),
]

NOTHING = (
    "No corpus was measured with {model} yet. Choose one and press Start: its heads are then "
    "measured over many texts, not over the open one alone."
)
RESUMES = (
    "A run that is cancelled, or stopped with the machine, goes on where it was when the same is "
    "started again. The time left is told as soon as the first part is read."
)
LARGE = "Folders, and files of more than {megabytes} MB, are for the command line:"
COMMAND = "python -m compute corpus --model {model} --data folder --out results"
CHANGED = "These findings are gone, or of another model. Choose others above."


def refusal(run: dict) -> str:
    """Return why the open model can't be measured over a corpus; empty if it can."""
    model = run["model"]
    name = model["name"]
    if model.get("task") == "picture":
        return f"{name} reads pictures. A corpus is of texts: open a model of text."
    if not model["weights"]:
        return f"{name} holds imported vectors, no model that could read other texts."
    if model.get("part") or model.get("task") == "pairs":
        return (
            f"{name} has an encoder and a decoder. A corpus is for models of one stack so far: "
            "open a masked or a causal model."
        )
    return ""


def said(found: Findings) -> str:
    """Say in a sentence what was measured."""
    about = found.about
    return (
        f"{about['name']} over {about['tokens']:,} tokens of “{about['corpus']}”: "
        f"{counted(about['passages'], 'passage')} of at most {about['length']:,} tokens, of "
        f"{counted(about['documents'], 'document')}."
    )


def counted(count: int, what: str) -> str:
    """Return a count with its word, such as "1 passage"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def notes(found: Findings) -> list:
    """Say what was left out, and what else is to be known of the findings."""
    about = found.about
    parts = [html.P(note, className="note") for note in about["notes"]]
    if about["left_out"]:
        shown = [html.Li(f"{what}: {why}") for what, why in about["left_out"][:20]]
        lost = counted(len(about["left_out"]), "part")
        title = f"{lost} of the corpus could not be read and {_is_in(about['left_out'])} no number"
        parts.append(_more(title, shown))
    if about["broken"]:
        shown = [html.Li(f"{where}: {why}") for where, why in about["broken_lines"]]
        parts.append(_more(f"{counted(about['broken'], 'broken line')} left out", shown))
    return parts


def _is_in(parts: list) -> str:
    return "is in" if len(parts) == 1 else "are in"


def _more(title: str, lines: list) -> html.Details:
    return html.Details([html.Summary(title), html.Ul(lines)], className="note corpus-broken")


def group(number: int | None) -> str:
    """Return what a group of examples is called."""
    if number is None:
        return "strongest of all"
    return f"tenth {number + 1}" + {9: " (strongest)", 0: " (weakest)"}.get(number, "")


POINT = "Point at a word, tap it, or walk with the arrow keys: here stands what it looks at."
SAME = "Both sides are the same. Choose another slice, head or corpus on the right."
NO_HEAD = "There is no L{}H{} there: that model has {} layers of {} heads."
