"""ioc-finder and iocextract on the cases and on long texts."""

import gzip
import json
import os
import tempfile
import time

import tocsin

LEAST_SECONDS = 3.0
# Of the reports: the others are slow.
BYTES = 200_000


def run(part, context):
    """Cases and speed."""
    from ioc_finder import find_iocs
    from ioc_finder.ioc_finder import SUPPORTED_IOC_TYPES

    scored = context.scored(part, "ioc", "ioc-finder-cases.json")
    with open(scored, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    right = sum(is_right(case, find_iocs, SUPPORTED_IOC_TYPES) for case in cases)
    own = context.eval(scored, "indicators")
    texts = long_texts(context)
    ours = tocsin_speed(context, texts)
    rows = []
    finders = [("ioc-finder", lambda text: find_iocs(text, included_ioc_types=SUPPORTED_IOC_TYPES))]
    try:
        import iocextract

        finders.append(("iocextract", lambda text: list(iocextract.extract_iocs(text, refang=True))))
    except ImportError as problem:
        rows.append({"part": part, "skipped": f"iocextract: {problem}"})
    for name, find in finders:
        is_own = name == "ioc-finder"
        rows.append(
            {
                "part": part,
                "measure": "exact cases",
                "other": name,
                # iocextract has other kinds: there is no common case to count.
                "score": right / len(cases) if is_own else None,
                "tocsin": own.get("exact_cases"),
                "speed": speed(find, texts),
                "tocsin_speed": ours,
                "unit": "MB/s",
            }
        )
    return rows


def is_right(case, find_iocs, kinds):
    """ioc-finder's own answers to its own case."""
    args = dict(case["args"])
    args.setdefault("included_ioc_types", kinds)
    found = find_iocs(case["text"], **args)
    return all(same(case["expected"].get(kind, []), found.get(kind, [])) for kind in args["included_ioc_types"])


def same(expected, found):
    """Without order; nested kinds by their values."""
    def flat(value):
        if isinstance(value, dict):
            return {v for values in value.values() for v in values}
        return set(value)

    return flat(expected) == flat(found)


def long_texts(context):
    """A long article and whole reports."""
    with open(context.path("ioc", "long-article-1.txt"), encoding="utf-8") as file:
        texts = [file.read()]
    with gzip.open(context.path("ioc", "annoctr-reports.ndjson.gz"), "rt", encoding="utf-8") as file:
        for line in file:
            if sum(map(len, texts)) > BYTES:
                break
            texts.append(json.loads(line)["text"])
    return texts


def speed(find, texts):
    """Megabytes a second: as many texts as there is time for."""
    start, read = time.perf_counter(), 0
    while True:
        for text in texts:
            find(text)
            read += len(text.encode())
            seconds = time.perf_counter() - start
            if seconds > LEAST_SECONDS:
                return read / 1e6 / seconds


def tocsin_speed(context, texts):
    """The same texts read by Tocsin."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "texts.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            for text in texts:
                file.write(json.dumps({"text": text, "valid": []}) + "\n")
        return context.eval(path, "indicators").get("mb_per_second")
