"""python-crfsuite with the usual features of words, and a blank spaCy model, on the same labelled text; exact micro-F1."""

import gzip
import os
import random
import re
import tempfile
import time

import tocsin

TOKEN = re.compile(r"[A-Za-z0-9_]+(?:[.\-'][A-Za-z0-9_]+)*|\S")
# Epochs and texts at once: many small steps where there are few texts.
FEW = 5_000
SMALL, LARGE = (15, 16), (4, 64)


def run(part, context):
    """Trains both, scores, times."""
    read = cyner if part == "cyner" else silver
    names = ("ner_cyner", "tsv.gz") if part == "cyner" else ("ner_nvd_silver", "jsonl.gz")
    train = read(context.path("ml", f"{names[0]}_train.{names[1]}"))
    scored = context.scored(part, "ml", f"{names[0]}_dev.{names[1]}")
    dev = read(scored)
    if context.is_quick:
        train = random.Random(1).sample(train, len(train) // 10)
    own = context.eval(scored, "entities", "--scheme", part)
    ours = next((own[name] for name in ("micro_f1", "f1", "exact_f1") if name in own), None)
    rows = []
    for name, made in (("python-crfsuite", crf), ("spaCy (blank)", spacy_blank)):
        try:
            found, seconds, words = made(train, dev)
        except ImportError as problem:
            rows.append({"part": part, "skipped": str(problem)})
            continue
        rows.append(
            {
                "part": part,
                "measure": "exact micro-F1",
                "other": name,
                "score": micro_f1(dev, found),
                "tocsin": ours,
                "speed": words / seconds,
                "tocsin_speed": own.get("words_per_second"),
                "unit": "words/s",
            }
        )
    return rows


def cyner(path):
    """Sentences of (tokens, labels)."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    pairs = [[line.split("\t") for line in block.splitlines() if "\t" in line] for block in blocks]
    return [([p[0] for p in block], [p[1] for p in block]) for block in pairs if block]


def silver(path):
    """Texts of (tokens, labels) from spans of characters."""
    made = []
    for record in tocsin.lines(path):
        tokens, labels = [], []
        for match in TOKEN.finditer(record["text"]):
            tokens.append(match.group())
            labels.append(label(record["entities"], match.start(), match.end()))
        made.append((tokens, labels))
    return made


def label(entities, start, end):
    """BIO of a token."""
    for first, last, kind in entities:
        if first <= start and end <= last:
            return ("B-" if first == start else "I-") + kind
    return "O"


def spans(labels):
    """(start, end, kind) of BIO labels."""
    found, start, kind = set(), None, None
    for i, tag in enumerate([*labels, "O"]):
        goes_on = tag.startswith("I-") and kind == tag[2:]
        if start is not None and not goes_on:
            found.add((start, i, kind))
            start, kind = None, None
        if tag.startswith("B-") or (tag.startswith("I-") and start is None):
            start, kind = i, tag[2:]
    return found


def micro_f1(dev, found):
    """Exact spans."""
    right = known = said = 0
    for (_, labels), ours in zip(dev, found, strict=True):
        truth = spans(labels)
        right, known, said = right + len(truth & ours), known + len(truth), said + len(ours)
    return 2 * right / (known + said) if known + said else 0.0


def features(tokens):
    """What a CRF commonly sees of each word and its neighbours."""
    own = [
        [
            "w=" + t.lower(), "s3=" + t[-3:], "s2=" + t[-2:], "p3=" + t[:3], f"up={t.isupper()}", f"title={t.istitle()}",
            "shape=" + re.sub("[a-z]+", "a", re.sub("[A-Z]+", "A", re.sub("[0-9]+", "0", t)))[:12],
        ]
        for t in tokens
    ]
    made = []
    for i, mine in enumerate(own):
        row = list(mine)
        for step in (-2, -1, 1, 2):
            if 0 <= i + step < len(own):
                row += [f"{step}:{f}" for f in (own[i + step][0], own[i + step][6])]
        made.append(row)
    return made


def crf(train, dev):
    """L-BFGS with the regularisation that is usual."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.1, "c2": 0.01, "max_iterations": 100})
    for tokens, labels in train:
        trainer.append(features(tokens), labels)
    path = os.path.join(tempfile.mkdtemp(), "crf")
    trainer.train(path)
    tagger = pycrfsuite.Tagger()
    tagger.open(path)
    start = time.perf_counter()
    found = [spans(tagger.tag(features(tokens))) for tokens, _ in dev]
    return found, time.perf_counter() - start, sum(len(tokens) for tokens, _ in dev)


def spacy_blank(train, dev):
    """A blank English model with a tagger of names, trained on the same text."""
    import spacy
    from spacy.tokens import Doc
    from spacy.training import Example
    from spacy.util import minibatch

    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")

    def doc(tokens, labels=None):
        made = Doc(nlp.vocab, words=tokens)
        if labels is not None:
            made.set_ents([spacy.tokens.Span(made, s, e, label=k) for s, e, k in sorted(spans(labels))])
        return made

    examples = [Example(doc(t), doc(t, l)) for t, l in train]
    optimizer = nlp.initialize(lambda: examples)
    dice = random.Random(1)
    epochs, at_once = SMALL if len(train) < FEW else LARGE
    for _ in range(epochs):
        dice.shuffle(examples)
        for batch in minibatch(examples, size=at_once):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    docs = [doc(tokens) for tokens, _ in dev]
    start = time.perf_counter()
    found = [{(e.start, e.end, e.label_) for e in d.ents} for d in nlp.pipe(docs, batch_size=256)]
    return found, time.perf_counter() - start, sum(len(tokens) for tokens, _ in dev)
