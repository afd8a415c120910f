#!/usr/bin/env node
// A till's client in Node: one `loyalty batch` kept open behind two pipes.
//   till.js LEDGER FOLDER < requests     one JSON object a line; answers to standard output
// FOLDER is this till's own: `anchor` (the newest checkpoint) and `till.spool` live there.
// Exit status 7: not the ledger that this till has seen. Tell whoever runs it.
const { spawn, spawnSync } = require("child_process");
const fs = require("fs"), readline = require("readline");
const [ledger, folder] = process.argv.slice(2), anchor = folder + "/anchor", spool = folder + "/till.spool";
const gone = { ok: false, error: { code: "gone", retry: "same_ref" } };
let child = null, answers = null;

function start() {
    const words = ["--db", ledger, "batch"];
    if (fs.existsSync(anchor)) words.push("--anchor", anchor);
    child = spawn("loyalty", words, { stdio: ["pipe", "pipe", "inherit"] });
    child.on("error", () => {});
    child.stdin.on("error", () => {}); // a broken pipe shows as the end of the answers
    answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

// One line out, one line back, after its commit.
async function ask(request) {
    if (child === null)
        start();
    child.stdin.write(JSON.stringify(request) + "\n");
    const line = await answers.next();
    return line.done ? gone : JSON.parse(line.value);
}

function keep(answer) {
    if (answer.checkpoint) {
        fs.writeFileSync(anchor + ".new", answer.checkpoint.note);
        fs.renameSync(anchor + ".new", anchor);
    }
    if (fs.existsSync(spool)) // what had to wait goes as soon as the ledger is there
        spawnSync("loyalty", ["--db", ledger, "spool", "replay", "--file", spool]);
    return answer;
}

// The answer; or, where the ledger cannot be reached, that of the spool.
async function record(request) {
    for (let attempt = 0; attempt < 3; attempt++) {
        const answer = await ask(request), { code, retry } = answer.error || {};
        if (code === "ledger_restored" || code === "fork")
            process.exit(7);
        if (retry !== "same_ref" && code !== "busy" && code !== "no_such_file")
            return keep(answer);
        child.stdin.end();
        child = null;
    }
    return JSON.parse(spawnSync("loyalty", ["--json", "spool", "add", "--file", spool],
                                { input: JSON.stringify(request) }).stdout);
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin }))
        console.log(JSON.stringify(await record(JSON.parse(line))));
    if (child)
        child.stdin.end();
})();
