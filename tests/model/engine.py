"""The engine under test: one `loyalty batch` kept open on a ledger of its own."""
import json
import os
import queue
import subprocess
import threading
from fractions import Fraction


class Died(Exception):
    """The engine ended, or did not answer in time."""


class Engine:
    def __init__(self, loyalty, folder, document):
        self.loyalty, self.folder = os.path.abspath(loyalty), folder
        self.database = os.path.join(folder, "model.db")
        # Nothing may depend on the machine's zone or language.
        self.environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
        self.environment.pop("LOYALTY_DB", None)
        programme = os.path.join(folder, "programme.json")
        with open(programme, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
        self.run("init", "--test", "--programme", programme)
        self.batch = None
        self.answers = None

    def run(self, *arguments):
        """One command to its end; its answer. Anything but exit status 0 raises."""
        done = subprocess.run([self.loyalty, "--db", self.database, "--json", *arguments],
                              env=self.environment, capture_output=True, text=True, encoding="utf-8",
                              timeout=300)
        if done.returncode != 0:
            raise Died(f"loyalty {' '.join(arguments)}: exit status {done.returncode}\n"
                       f"{done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        self.errors = open(os.path.join(self.folder, "stderr"), "a+", encoding="utf-8")
        self.batch = subprocess.Popen([self.loyalty, "--db", self.database, "--json", "batch"],
                                      env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=self.errors)
        self.answers = queue.Queue()

        def listen(pipe, answers):
            for line in pipe:
                answers.put(line)
            answers.put(None)

        threading.Thread(target=listen, args=(self.batch.stdout, self.answers), daemon=True).start()

    def ask(self, requests):
        """Send some requests at once and wait for their answers."""
        if self.batch is None:
            self.start()
        text = "".join(json.dumps(request, ensure_ascii=False) + "\n" for request in requests)
        # A thread, because an answer may have to be read before all is written.
        writer = threading.Thread(target=self._write, args=(text.encode(),), daemon=True)
        writer.start()
        answers = []
        for _ in requests:
            try:
                line = self.answers.get(timeout=60)
            except queue.Empty:
                raise Died(f"no answer within a minute to {json.dumps(requests[len(answers)])}") from None
            if line is None:
                self.errors.seek(0)
                raise Died(f"the batch ended (status {self.batch.wait()}) instead of answering "
                           f"{json.dumps(requests[len(answers)], ensure_ascii=False)}\n"
                           + self.errors.read()[-4000:])
            answers.append(json.loads(line, parse_float=Fraction))
        writer.join()
        return answers

    def _write(self, data):
        try:
            self.batch.stdin.write(data)
            self.batch.stdin.flush()
        except BrokenPipeError:
            pass

    def stop(self):
        if self.batch is not None:
            self.batch.stdin.close()
            self.batch.wait(timeout=60)
            self.batch.stdout.close()
            self.errors.close()
            self.batch = None

    def kill(self):
        if self.batch is not None:
            self.batch.kill()
            self.batch.wait()
            self.batch.stdin.close()
            self.errors.close()
            self.batch = None
