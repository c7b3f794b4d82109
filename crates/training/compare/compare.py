"""Tocsin beside scikit-learn, spaCy, python-crfsuite, ioc-finder and iocextract: the same split, one run, one core.

Called by `cargo xtask compare`, which makes the environment. Each part trains the other side on the corpus, scores it and times it,
then has `tocsin-training eval --json` do the same with the same file. A part that cannot run says why and stops no other.
"""

import argparse
import importlib
import json
import os
import sys

import tocsin

PARTS = {
    "severity": "classes",
    "category": "classes",
    "relevance": "classes",
    "technique": "classes",
    "cyner": "entities",
    "nvd": "entities",
    "indicators": "indicators",
}


def main():
    """Runs the parts and prints one table."""
    parser = argparse.ArgumentParser(prog="cargo xtask compare")
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--tocsin", required=True, help="the program tocsin-training")
    parser.add_argument("--file", action="append", default=[], metavar="PART=FILE", help="score this file instead")
    parser.add_argument("--quick", action="store_true", help="entities: train the other side on a tenth")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    one_core()
    context = tocsin.Context(given.corpus, given.tocsin, dict(f.split("=", 1) for f in given.file), given.quick)
    rows = []
    for part in given.parts or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        try:
            made = importlib.import_module(PARTS[part]).run(part, context)
        except (ImportError, OSError, tocsin.Unable) as problem:
            made = [{"part": part, "skipped": str(problem)}]
        rows += made
    print(json.dumps(rows) if given.json else table(rows))


def one_core():
    """Everything from here on, Tocsin too, runs on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = "1"


def table(rows):
    """The rows for people: quality and speed of both sides, and how many times as fast Tocsin is."""
    lines = [f"{'part':<12} {'measure':<22} {'other side':<22} {'theirs':>8} {'Tocsin':>8}   {'speed of theirs':>20} {'of Tocsin':>12} {'times':>7}"]
    for row in rows:
        if "skipped" in row:
            lines.append(f"{row['part']:<12} skipped: {row['skipped']}")
            continue
        speed, ours = row.get("speed"), row.get("tocsin_speed")
        times = f"{ours / speed:.1f}" if speed and ours else "-"
        shown = f"{speed:,.2f} {row['unit']}" if speed else "-"
        own = f"{ours:,.1f}" if ours else "-"
        lines.append(
            f"{row['part']:<12} {row['measure']:<22} {row['other']:<22} {number(row.get('score')):>8} "
            f"{number(row.get('tocsin')):>8}   {shown:>20} {own:>12} {times:>7}"
        )
    return "\n".join(lines)


def number(value):
    """A share with three places."""
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
