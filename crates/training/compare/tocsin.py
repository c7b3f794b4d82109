"""What all parts share: the corpus, and Tocsin's own figures."""

import gzip
import json
import os
import subprocess


class Unable(Exception):
    """A part cannot be measured; says why."""


class Context:
    """Where the data and the program are."""

    def __init__(self, corpus, program, files, is_quick):
        self.corpus, self.program, self.files, self.is_quick = corpus, program, files, is_quick

    def path(self, *names):
        """A file of the corpus."""
        return os.path.join(self.corpus, *names)

    def scored(self, part, *names):
        """The file that is scored: the one that was given, or one of the corpus."""
        path = self.files.get(part) or self.path(*names)
        if not os.path.exists(path):
            raise Unable(f"{path} does not exist")
        return path

    def eval(self, path, task, *more):
        """Tocsin's figures by name; none where its evaluation fails, which is told."""
        command = [self.program, "eval", "--json", "--task", task, *more, path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"tocsin: {done.stderr.strip()}")
            return {}
        report = json.loads(done.stdout.splitlines()[0])
        return {metric["name"]: metric["value"] for metric in report["metrics"]}


def lines(path):
    """The records of a file, packed or not."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
