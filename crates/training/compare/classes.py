"""scikit-learn at its best on the classifying tasks: TF-IDF of words and pairs, logistic regression (settings tuned on dev)."""

import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

import tocsin

# Task: files, fields of text and answer, C, class weights.
TASKS = {
    "severity": ("vuln_train", "vuln_dev", "desc", "severity", 2, None),
    "category": ("vuln_train", "vuln_dev", "desc", "category", 8, "balanced"),
    "relevance": ("rel_train", "rel_dev", "text", "y", 8, "balanced"),
    "technique": ("tram_train", None, "text", "label", 8, "balanced"),
}

LEAST_SECONDS = 2.0


def run(part, context):
    """Trains, scores, times."""
    train, dev, text, answer, strength, weights = TASKS[part]
    if dev is None and part not in context.files:
        raise tocsin.Unable("the corpus has no labelled sentences besides those for training; give --file technique=FILE")
    scored = context.scored(part, "ml", f"{dev}.jsonl.gz")
    known = [r for r in tocsin.lines(context.path("ml", f"{train}.jsonl.gz")) if r.get(answer) is not None]
    asked = [r for r in tocsin.lines(scored) if r.get(answer) is not None]
    words = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2))
    model = LogisticRegression(C=strength, class_weight=weights, max_iter=1000)
    model.fit(words.fit_transform([r[text] for r in known]), [r[answer] for r in known])
    texts, truth = [r[text] for r in asked], [r[answer] for r in asked]
    said = model.predict(words.transform(texts))
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < LEAST_SECONDS:
        model.predict(words.transform(texts))
        count += len(texts)
    speed = count / (time.perf_counter() - start)
    own = context.eval(scored, part)

    def row(measure, score, name):
        return {"part": part, "measure": measure, "other": "scikit-learn", "score": score, "tocsin": own.get(name)}

    rows = [row("accuracy", accuracy_score(truth, said), "accuracy")]
    if part == "relevance":
        shares = model.predict_proba(words.transform(texts))[:, 1]
        rows.append(row("PR-AUC", average_precision_score(truth, shares), "pr_auc"))
        first = row("F1", f1_score(truth, said), "f1")
    else:
        first = row("macro-F1", f1_score(truth, said, average="macro"), "macro_f1")
    # Tocsin's speed is of all its models together, theirs of the one.
    first |= {"speed": speed, "tocsin_speed": own.get("texts_per_second"), "unit": "texts/s"}
    return [first, *rows]
