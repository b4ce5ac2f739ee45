"""English to each of nine languages on the Bible: entity F1 where nobody labelled anything.

    pip install 'gensim-mtner[bible,japanese]'
    python benchmarks/languages.py --seeds 1 2 3 --jobs 2 --out benchmarks/results/languages.json

All arguments are the defaults. English names of the training chapters are labelled by a list; names in the target's 100
held-out chapters by another, which training never sees. A pair and seed that is in --out is not run again. "unlisted"
in a cell are the names that were found in words without a vector, and that the lists do not have.
"""

from common.data import RESULTS, bible
from common.models import cell_of
from common.runs import as_done, parser, print_table, read_json, spread, write_json

from gensim_mtner import MTWord2Vec
from gensim_mtner.labels.schemes import entities

NAMES = {"de": "German", "es": "Spanish", "fr": "French", "ru": "Russian", "ar": "Arabic", "hi": "Hindi",
         "ko": "Korean", "ja": "Japanese", "zh": "Chinese"}  # fmt: skip


def run(cell):
    """One pair and seed: the baseline, the default by vectors alone, the default."""
    target, seed = cell
    chapters, labels, test = bible(target)
    text = chapters.encode(progress=False)
    settings = {"workers": 1, "progress": False, "seed": seed}
    base = MTWord2Vec(text, ner_data=labels, mode="baseline", **settings)
    model = MTWord2Vec(text, ner_data=labels, **settings)
    scores = {
        "baseline": base.evaluate(test, language=target),
        "vectors": model.evaluate(test, language=target, by="vectors"),
        "default": model.evaluate(test, language=target),
    }
    return {
        "target": target, "seed": seed, "entities": sum(test.entity_counts().values()),
        "known": scores["default"].known_entity_tokens,
        **{name: cell_of(score) for name, score in scores.items()}, "unlisted": unlisted(model, test, target),
    }  # fmt: skip


def unlisted(model, test, language):
    """Names that are found in words without a vector, and that the lists of the test do not have."""
    found = []
    for tokens, gold, tags in zip(test.sentences, test.tags, model.tag(test.sentences, language=language), strict=True):
        known = model.tagger.rows(tokens, language) >= 0
        for kind, start, stop in sorted(set(entities(tags)) - set(entities(gold))):
            if not known[start:stop].all():
                found.append(f"{kind} {' '.join(tokens[start:stop])}")
    return found


def rows(cells):
    """Means and spreads by language."""
    for target, name in NAMES.items():
        mine = [cell for cell in cells if cell["target"] == target]
        if mine:
            f1 = (spread(cell[system]["f1"] for cell in mine) for system in ("baseline", "vectors", "default"))
            yield name, mine[0]["entities"], f"{mine[0]['known']:.0f}%", *f1


def main():
    """Run what is missing; print the table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=RESULTS / "languages.json")
    arguments.add_argument("--targets", nargs="+", choices=NAMES, default=list(NAMES))
    options = arguments.parse_args()
    cells = read_json(options.out, [])
    have = {(cell["target"], cell["seed"]) for cell in cells}
    todo = [(target, seed) for seed in options.seeds for target in options.targets if (target, seed) not in have]
    for cell in as_done(run, todo, options.jobs):
        print(cell, flush=True)
        cells.append(cell)
        write_json(options.out, cells)
    print_table(
        ("English to", "names in the test", "known", "baseline", "HFJ, vectors alone", "HFJ (the default)"), rows(cells)
    )


if __name__ == "__main__":
    main()
