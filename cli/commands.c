/* The table of flags and the table of commands. */
#include "answer.h"
#include "command.h"
#include "text.h"

#include <string.h>

const struct flag global_flag_table[] = {
    {"db", NULL, FLAG_OWN, "PATH", NULL, N_("the ledger; default: $LOYALTY_DB, else loyalty.db")},
    {"key", NULL, FLAG_OWN, "PATH", NULL, N_("the signing key; default: beside the ledger")},
    {"json", NULL, FLAG_OWN_SWITCH, NULL, NULL, N_("answer with one line of JSON")},
    {"lang", NULL, FLAG_OWN, "LANG", NULL, N_("language of messages and names: en, zh-CN")},
    {"busy", NULL, FLAG_OWN, "MS", NULL, N_("how long to wait for another writer; default: 5000")},
    {"now", NULL, FLAG_OWN, "TIME", NULL, N_("the clock, on test ledgers only")},
    {"help", NULL, FLAG_OWN_SWITCH, NULL, NULL, N_("say how a command is called")},
    {"version", NULL, FLAG_OWN_SWITCH, NULL, NULL, N_("say which version this is")},
    {NULL, NULL, FLAG_OWN, NULL, NULL, NULL},
};

const struct flag flag_table[] = {
    {"member", "member", FLAG_TEXT, "MEMBER", NULL, N_("id:..., card:..., phone:+...")},
    {"card", "identifiers", FLAG_LIST, "CARD", "card:", N_("a card of the member; repeatable")},
    {"phone", "identifiers", FLAG_LIST, "PHONE",
     "phone:", N_("a phone of the member, +44...; repeatable")},
    {"receipt", "receipt", FLAG_TEXT, "NUMBER", NULL, N_("number of the receipt")},
    {"amount", "amount", FLAG_TEXT, "MONEY", NULL, N_("what was paid, or is given back: 58.00")},
    {"ref", "ref", FLAG_TEXT, "KEY", NULL,
     N_("your own key of this operation; a retry repeats it")},
    {"code", "code", FLAG_TEXT, "CODE", NULL, N_("the claim code on the receipt")},
    {"of", "of", FLAG_TEXT, "WHICH", NULL,
     N_("what is acted on: a receipt, or the key of an operation")},
    {"at", "at", FLAG_TEXT, "TIME", NULL,
     N_("when it happened, if not now; of a question: as of when")},
    {"store", "store", FLAG_TEXT, "NAME", NULL, N_("the store")},
    {"till", "till", FLAG_TEXT, "NAME", NULL, N_("the till")},
    {"operator", "operator", FLAG_TEXT, "NAME", NULL, N_("who did it")},
    {"approved-by", "approved_by", FLAG_TEXT, "NAME", NULL,
     N_("the second operator, who approved")},
    {"entry", "entry", FLAG_TEXT, "HOW", NULL, N_("how the member was entered: scan, keyed, app")},
    {"line", "lines", FLAG_LINE, "K=V,...", NULL,
     N_("a line: sku=, category=, quantity=, amount=, discount=, tax=; repeatable")},
    {"discount", "discount", FLAG_TEXT, "MONEY", NULL, N_("what was taken off the whole receipt")},
    {"tender", "tenders", FLAG_PAIR, "TYPE=MONEY", "cash=28.00",
     N_("what was paid with cash, card, voucher, ...; repeatable")},
    {"rounding", "rounding", FLAG_TEXT, "MONEY", NULL,
     N_("what rounding to coins added to the amount, or took off: -0.02")},
    {"coupon", "coupons", FLAG_LIST, "CODE", "", N_("a coupon that was used; repeatable")},
    {"enrol", "enrol", FLAG_SWITCH, NULL, NULL,
     N_("an unknown card or phone becomes a new member")},
    {"dry-run", "dry_run", FLAG_SWITCH, NULL, NULL,
     N_("change nothing; say what would come of it")},
    {"text", "text", FLAG_TEXT, "TEXT", NULL, N_("free text, kept with the record")},
    {"accept-clock", "accept_clock", FLAG_SWITCH, NULL, NULL,
     N_("the clock is right though it jumped more than 30 days")},
    {"all", "all", FLAG_SWITCH, NULL, NULL, N_("all that is left of the receipt")},
    {"points", "points", FLAG_NUMBER, "N", NULL, N_("how many points")},
    {"points-of", "points_of", FLAG_TEXT, "NAME", NULL,
     N_("which points; default: the first that can be spent")},
    {"capture", "capture", FLAG_TEXT, "KEY", NULL, N_("pay with the points of this reservation")},
    {"timeout", "timeout", FLAG_TEXT, "SPAN", NULL,
     N_("how long it holds, such as PT15M; default: as the programme says")},
    {"reason", "reason", FLAG_TEXT, "CODE", NULL,
     N_("why, as a code of your own: goodwill, mistake")},
    {"unmatched", "unmatched", FLAG_TEXT, "POLICY", NULL,
     N_("returns that match no purchase: refuse, skip, deduct; of an import: reject, deduct")},
    {"to", "to", FLAG_TEXT, "MEMBER", NULL, N_("who receives the points")},
    {"into", "into", FLAG_TEXT, "MEMBER", NULL, N_("the member who stays")},
    {"household", "household", FLAG_TEXT, "HOUSEHOLD", NULL,
     N_("household:..., as 'household create' said")},
    {"no-receipt", "no_receipt", FLAG_SWITCH, NULL, NULL,
     N_("nobody has the receipt: so much is given back")},
    {"limit", "limit", FLAG_NUMBER, "N", NULL, N_("at most so many")},
    {"most", "most", FLAG_NUMBER, "N", NULL,
     N_("exceptions: members with more purchases on one day than this; default: 5; tiers: so many "
        "members of each kind; default: 100")},
    {"within", "within", FLAG_TEXT, "SPAN", NULL,
     N_("tiers: who is about to fall within so long, or near to climb: P30D")},
    {"before", "before", FLAG_NUMBER, "SEQ", NULL, N_("only records before this one")},
    {"after", "after", FLAG_TEXT, "MEMBER", NULL, N_("only members after this one")},
    {"from", "from", FLAG_TEXT, "WHEN", NULL,
     N_("a time: when it comes into force, default now; of a report its first month, 2026-01, or "
        "day")},
    {"until", "until", FLAG_TEXT, "WHEN", NULL,
     N_("the last day, 2026-03-31, of what is asked for or held; of a report also its last month, "
        "2026-03")},
    {"name", "name", FLAG_TEXT, "NAME", NULL,
     N_("liability, rollforward, breakage, trial-balance, held, tills, exceptions, integrity, "
        "period or tiers")},
    {"as-of", "as_of", FLAG_TEXT, "DATE", NULL, N_("the last day that counts; default: today")},
    {"known-at", "known_at", FLAG_KNOWN, "CHECKPOINT", NULL,
     N_("only what was recorded then: a checkpoint's file, or a number of records")},
    {"period", "period", FLAG_TEXT, "MONTH", NULL, N_("a month, 2026-03")},
    {"month", "month", FLAG_TEXT, "MONTH", NULL, N_("the month of the statement, 2026-03")},
    {"format", "format", FLAG_TEXT, "FORMAT", NULL,
     N_("table, json or csv; of an export: hledger")},
    {"width", "width", FLAG_NUMBER, "N", NULL, N_("columns of the text: 32, 48 or 80")},
    {"version", "version", FLAG_NUMBER, "N", NULL,
     N_("a version of the programme; default: the latest")},
    {"seq", "seq", FLAG_NUMBER, "SEQ", NULL, N_("number of a record")},
    {"programme", "programme", FLAG_FILE, "FILE", NULL, N_("the programme document")},
    {"level", "level", FLAG_TEXT, "LEVEL", NULL, N_("a level of the programme")},
    {"action", "action", FLAG_TEXT, "ACTION", NULL,
     N_("what the member did, as the programme calls it")},
    {"benefit", "benefit", FLAG_TEXT, "BENEFIT", NULL,
     N_("what is used, as the programme calls it")},
    {"origin", "origin", FLAG_TEXT, "NAME", NULL,
     N_("init: the log's name in its checkpoints, default: the programme's id; adjust: whose money "
        "the points are: goodwill, marketing, partner")},
    {"test", "test", FLAG_SWITCH, NULL, NULL,
     N_("a ledger to try things on: --now sets its clock")},
    {"mapping", "mapping", FLAG_JSON, "FILE", NULL,
     N_("a JSON document that says which column is what")},
    {"history", "history", FLAG_SWITCH, NULL, NULL,
     N_("the past, before the first live operation: the file's clock counts")},
    {"rejects", NULL, FLAG_OWN, "FILE", NULL,
     N_("where rejected lines go; default: FILE.rejects.csv")},
    {"audit", "audit", FLAG_TEXT, "DIR", NULL,
     N_("a new folder with all that an auditor needs to check the log")},
    {"bundle", "bundle", FLAG_TEXT, "DIR", NULL, N_("a folder that `export --audit` made")},
    {"note", "note", FLAG_FILE, "FILE", NULL, N_("a cosigned checkpoint")},
    {"policy", "policy", FLAG_FILE, "FILE", NULL,
     N_("a policy: which cosigners the checkpoint must have, and how many")},
    {"growth", "growth", FLAG_FILE, "FILE", NULL, N_("what `prove --since` printed")},
    {"log", "log", FLAG_KEY, "VKEY", NULL,
     N_("the public key of the log, or a file whose first line it is")},
    {"new", "new", FLAG_TEXT, "NAME", NULL,
     N_("make a cosigner's key of this name, in the --key file")},
    {"entries", "entries", FLAG_SWITCH, NULL, NULL,
     N_("the heads as well: pseudonyms, points and times of all members")},
    {"output", NULL, FLAG_OWN, "FILE", NULL, N_("write there, not to standard output")},
    {"anchor", "anchor", FLAG_FILE, "FILE", NULL, N_("an earlier checkpoint, kept elsewhere")},
    {"key", "key", FLAG_KEY, "VKEY", NULL,
     N_("the public key that you trust, or a file whose first line it is")},
    {"proof", "proof", FLAG_TEXT, "HOW", NULL,
     N_("how the member proved that the points are theirs: pin, app, otp")},
    {"proof-file", "proof", FLAG_FILE, "FILE", NULL, N_("a .tlog-proof file")},
    {"since", "since", FLAG_KNOWN, "CHECKPOINT", NULL,
     N_("a checkpoint kept elsewhere (a file): only what was added after it")},
    {"all-signatures", "all_signatures", FLAG_SWITCH, NULL, NULL,
     N_("check the signature of every checkpoint, not only the newest")},
    {"backup", "backup", FLAG_TEXT, "PATH", NULL,
     N_("the backup to restore; upgrade: where the backup before it goes")},
    {"path", "path", FLAG_TEXT, "FILE", NULL, N_("the file to make")},
    {"file", NULL, FLAG_OWN, "FILE", NULL, N_("a file; - is standard input, but not of a spool")},
    {"print", "print", FLAG_NUMBER, "WIDTH", NULL,
     N_("print a till receipt, 32 or 48 columns wide")},
    {"encoding", "encoding", FLAG_TEXT, "NAME", NULL,
     N_("what the printer is fed with: utf-8 (default), gb18030")},
    {"date", "date", FLAG_TEXT, "DATE", NULL, N_("the business day, 2026-11-21")},
    {"count", "count", FLAG_NUMBER, "N", NULL, N_("how many sales the till made")},
    {"sum", "sum", FLAG_TEXT, "MONEY", NULL, N_("their amounts together")},
    {"balance", "balance", FLAG_TEXT, "WHAT", NULL,
     N_("what becomes of open points: refuse (default), forfeit, keep")},
    {"release", "release", FLAG_SWITCH, NULL, NULL, N_("end the hold")},
    {"members-only", "members_only", FLAG_SWITCH, NULL, NULL,
     N_("leave out sales that name no member, here and there")},
    {"findings", NULL, FLAG_OWN, "FILE", NULL, N_("a new file for all findings, one a line")},
    {"request", NULL, FLAG_OWN, "FILE", NULL,
     N_("a JSON object with the request, instead of flags; - is standard input")},
    {"word", NULL, FLAG_OWN, "COMMAND", NULL, N_("a command")},
    {"second", NULL, FLAG_OWN, "WORD", NULL, N_("its second word")},
    {"markdown", NULL, FLAG_OWN_SWITCH, NULL, NULL, N_("all commands as one Markdown page")},
    {"shell", NULL, FLAG_OWN, "SHELL", NULL, N_("bash, zsh or fish")},
    {"back", "back", FLAG_TEXT, "MONEY", NULL, N_("what the returned goods are worth: 12.00")},
    {"back-line", "back_lines", FLAG_LINE, "K=V,...", NULL,
     N_("goods that come back: line=3,quantity=2 or sku=85123A; repeatable")},
    {"accept-loss", "accept_loss", FLAG_SWITCH, NULL, NULL,
     N_("restore it though it is older than the anchor: what came after it is lost")},
    {NULL, NULL, FLAG_OWN, NULL, NULL, NULL},
};

#define WHERE "store till operator approved-by entry text accept-clock "
#define BUYING                                                                                     \
    "member receipt! amount! points points-of capture proof line discount tender rounding "        \
    "coupon at store till operator entry enrol text ref "

const struct command command_table[] = {
    {"init", "init", GROUP_SETUP, NEEDS_NOTHING, "", "programme origin test",
     N_("make a ledger, and its signing key beside it"), NULL,
     "init --programme shop.json\n"
     "--db trial.db init --programme shop.json --test\n",
     run_init, show_init},
    {"programme check", NULL, GROUP_SETUP, NEEDS_NOTHING, "file", "",
     N_("say all that is wrong with a programme document"), NULL, "programme check shop.json\n",
     run_programme_check, show_programme_check},
    {"programme apply", "programme.apply", GROUP_SETUP, NEEDS_WRITING, "programme",
     "from dry-run ref operator text accept-clock", N_("put a programme document into force"),
     N_("The first programme counts since ever, each later one from now or from --from on. A\n"
        "rollback is a new version with an old document. --dry-run changes nothing: it says how\n"
        "many members would move from which level to which."),
     "programme apply shop.json\n"
     "programme apply christmas.json --from 2026-12-01T00:00:00\n"
     "programme apply five-levels.json --dry-run --from 2027-01-01\n",
     run_operation, show_programme_apply},
    {"programme show", "programme.show", GROUP_SETUP, NEEDS_READING, "", "version",
     N_("print the latest version of the programme, or an earlier one"), NULL,
     "programme show\n"
     "programme show --version 2\n",
     run_operation, show_programme},
    {"programme list", "programme.list", GROUP_SETUP, NEEDS_READING, "", "",
     N_("list the versions of the programme"), NULL, "programme list\n", run_operation,
     show_programme_list},

    {"purchase", "purchase", GROUP_TILL, NEEDS_WRITING, "", BUYING "accept-clock print encoding",
     N_("record what a member bought, and what it earns"),
     N_("Sent twice, a purchase counts once: the receipt (or --ref) is its key. With --points, or\n"
        "--capture and the key of a reservation, points pay for a part of it."),
     "purchase --member card:2001 --receipt 4711 --amount 58.00\n"
     "purchase --member card:2001 --receipt 4713 --amount 20.00 --points 50\n"
     "purchase --member phone:+447700900123 --enrol --receipt 4712 --amount 12.50 \\\n"
     "    --line sku=85123A,quantity=2,amount=7.50 --line sku=POST,amount=5.00\n"
     "purchase --member card:2001 --receipt 4714 --amount 53.00 --discount 5.00 \\\n"
     "    --tender voucher=20.00 --tender cash=33.00 --coupon SPRING\n",
     run_operation, show_purchase},
    {"quote", "quote", GROUP_TILL, NEEDS_READING, "",
     "member amount! receipt points points-of capture proof line discount tender rounding coupon "
     "at store till operator entry enrol text ref accept-clock print encoding",
     N_("say what a purchase would earn, and record nothing"), NULL,
     "quote --member card:2001 --amount 58.00\n", run_operation, show_purchase},
    {"return", "return", GROUP_TILL, NEEDS_WRITING, "",
     "ref! of all amount line no-receipt member unmatched at store till operator approved-by entry "
     "enrol reason text accept-clock print encoding",
     N_("give back goods, and with them the points they earned"),
     N_("Of a receipt (--of): all that is left (--all), an amount, or lines as\n"
        "--line line=3,quantity=2 or --line sku=85123A. Never an amount and lines on one receipt.\n"
        "Without a receipt: --member, and --line sku=,quantity=,amount= with --unmatched, or\n"
        "--no-receipt with --amount. The programme may demand that a second operator approves."),
     "return --of 4711 --ref R-1 --all\n"
     "return --of 4712 --ref R-2 --line sku=85123A,quantity=1\n"
     "return --member card:2001 --ref R-3 --line sku=85123A,quantity=1,amount=3.75 \\\n"
     "    --unmatched refuse\n"
     "return --member card:2001 --ref R-4 --no-receipt --amount 7.50 --operator eva \\\n"
     "    --approved-by ann\n",
     run_operation, show_return},
    {"exchange", "exchange", GROUP_TILL, NEEDS_WRITING, "",
     "of! ref! all back back-line reason receipt! amount! line discount tender rounding coupon "
     "member enrol points points-of capture proof at store till operator approved-by entry "
     "accept-clock print encoding",
     N_("take goods back and sell others, both or neither"),
     N_("--of, --ref and --all, --back or --back-line are of the return; --receipt, --amount and\n"
        "--line of the purchase, which is that of the member who holds the returned receipt\n"
        "unless --member names another."),
     "exchange --of 4711 --ref R-1 --back-line line=1 --receipt 4713 --amount 61.00\n"
     "exchange --request exchange.json\n",
     run_exchange, show_exchange},
    {"group", "group", GROUP_TILL, NEEDS_WRITING, "", "",
     N_("record several operations in one commit, all or none"),
     N_("The request has them in a list: {\"requests\": [...]}, at most 100."),
     "group --request evening.json\n", run_operation, show_group},
    {"claim", "claim", GROUP_TILL, NEEDS_WRITING, "",
     "receipt! member! code ref at reason store till operator approved-by entry text accept-clock "
     "print encoding",
     N_("give a sale that has no member to one"),
     N_("--receipt is the number, with --store, --till and --at where they belong to it, or the\n"
        "whole name of the receipt. The programme says how long after, and whether a code is "
        "needed."),
     "claim --receipt 4711 --member card:2001 --code 7K2M-9Q4T\n", run_operation, show_claim},
    {"reassign", "reassign", GROUP_TILL, NEEDS_WRITING, "",
     "of! to! ref! reason! at store till operator approved-by entry text accept-clock",
     N_("move a sale to another member"),
     N_("What its goods have earned is taken back from the one and earned by the other."),
     "reassign --of 4711 --to card:2002 --ref M-1 --reason wrong-card\n", run_operation,
     show_reassign},
    {"void", "void", GROUP_TILL, NEEDS_WRITING, "",
     "of! ref! reason store till operator approved-by entry text accept-clock print encoding",
     N_("undo an operation as if it had not been"),
     N_("A purchase, return, adjust, redeem, capture, claim, action or benefit use. Its key stays\n"
        "taken. Goods that come back are a return."),
     "void --of 4711 --ref VOID-4711 --reason mistyped\n", run_operation, show_void},
    {"redeem", "redeem", GROUP_TILL, NEEDS_WRITING, "",
     "member! ref! points! points-of proof receipt store till operator approved-by entry text "
     "accept-clock print encoding",
     N_("spend points"), NULL, "redeem --member card:2001 --ref V-1 --points 9\n", run_operation,
     show_redeem},
    {"cancel", "cancel", GROUP_TILL, NEEDS_WRITING, "",
     "of! ref! reason store till operator entry text accept-clock print encoding",
     N_("undo a redeem, or call off a return that is held"),
     N_("Of a redeem or a capture the points come back, with their old dates. Where nothing has "
        "the key, it is kept\n"
        "out: if the operation comes after all, it is refused."),
     "cancel --of V-1 --ref V-1-undone\n", run_operation, show_cancel},
    {"reserve", "reserve", GROUP_TILL, NEEDS_WRITING, "",
     "member! ref! points! points-of proof timeout receipt " WHERE,
     N_("hold points for a time, to be captured or released"),
     N_("They cannot be spent meanwhile. What is neither captured nor released in time goes back\n"
        "by itself."),
     "reserve --member card:2001 --ref H-1 --points 50\n"
     "reserve --member card:2001 --ref H-2 --points 50 --timeout PT2H\n",
     run_operation, show_reserve},
    {"reserve extend", "reserve.extend", GROUP_TILL, NEEDS_WRITING, "", "of! ref! timeout " WHERE,
     N_("hold reserved points for longer, from now on"), NULL,
     "reserve extend --of H-1 --ref H-1-longer --timeout PT1H\n", run_operation, show_extend},
    {"capture", "capture", GROUP_TILL, NEEDS_WRITING, "",
     "of! ref! points points-of receipt " WHERE,
     N_("spend reserved points, all or some; the rest goes back"), NULL,
     "capture --of H-1 --ref H-1-paid\n"
     "capture --of H-2 --ref H-2-paid --points 30\n",
     run_operation, show_capture},
    {"release", "release", GROUP_TILL, NEEDS_WRITING, "", "of! ref! reason " WHERE,
     N_("give reserved points back"),
     N_("Where nothing has the key, it is kept out: if the reservation comes after all, it is\n"
        "refused."),
     "release --of H-1 --ref H-1-undone\n", run_operation, show_release},
    {"activate", "activate", GROUP_TILL, NEEDS_WRITING, "",
     "ref! of member reason store till operator entry text accept-clock",
     N_("release points that wait for it"),
     N_("Of a receipt (--of), or all that a member has waiting (--member)."),
     "activate --of 4711 --ref delivered-4711\n"
     "activate --member card:2001 --ref A-9\n",
     run_operation, show_activate},
    {"action", "action", GROUP_TILL, NEEDS_WRITING, "",
     "member! action! ref! at enrol reason " WHERE, N_("record what a member did besides buying"),
     N_("The programme says which actions there are; they count for tiers, and may lead to a\n"
        "level by themselves."),
     "action --member card:2001 --action own-cup --ref CUP-4711\n", run_operation, show_action},
    {"benefit use", "benefit.use", GROUP_TILL, NEEDS_WRITING, "",
     "member! benefit! ref! reason " WHERE, N_("use what a member's level allows"),
     N_("Refused where the level is too low, its quota is used, or all places are taken. What is\n"
        "used is counted at once: no two tills take the last one. `void` gives it back."),
     "benefit use --member card:2001 --benefit oat-drink --ref OAT-4711\n", run_operation,
     show_benefit_use},
    {"till-close", "till.close", GROUP_TILL, NEEDS_WRITING, "",
     "store! till! date! count! sum! ref reason operator entry text accept-clock",
     N_("say what a till sold on a business day, to be compared by `report tills`"),
     N_("Counted are sales, also those without a member; what was voided is left out. A\n"
        "correction has a --ref of its own: the newest word counts."),
     "till-close --store 21 --till 2 --date 2026-11-21 --count 212 --sum 10480.20\n", run_operation,
     show_till_close},
    {"batch", NULL, GROUP_TILL, NEEDS_WRITING, "", "anchor",
     N_("answer requests from standard input, one JSON object a line"),
     N_("For a till that keeps one process open. Each line is answered in order, after its\n"
        "commit; lines that wait together are committed together, at most 100. No lock is held\n"
        "while waiting. A line beyond 8 MiB is answered with an error and skipped. With --anchor,\n"
        "the newest checkpoint that this till was answered with, nothing is done by a ledger that\n"
        "does not hold it."),
     "batch < requests.jsonl > answers.jsonl\n"
     "batch --anchor till-7.anchor < requests.jsonl\n",
     run_batch, NULL},
    {"spool add", NULL, GROUP_TILL, NEEDS_NOTHING, "", "file! request",
     N_("keep requests on the till while the ledger cannot be reached"),
     N_("One JSON object a line from standard input, or one with --request. Each needs a key "
        "(ref,\n"
        "or the receipt of a purchase); a purchase, return or action without at gets the time of\n"
        "now. What was answered is on the disk."),
     "spool add --file till-7.spool < requests.jsonl\n"
     "spool add --file till-7.spool --request sale.json\n",
     run_spool_add, show_spool_add},
    {"spool replay", NULL, GROUP_TILL, NEEDS_WRITING, "", "file! output anchor",
     N_("send to the ledger what a spool keeps, in order"),
     N_("May be stopped and repeated at any time: what was answered is remembered, and what was "
        "not\n"
        "is sent again, and counts once. With --json, or to the end of --output, each answer is a "
        "line\n"
        "{\"entry\":N,\"answer\":{...}}. Exit status 5 where the ledger refused any."),
     "spool replay --file till-7.spool\n"
     "spool replay --file till-7.spool --output till-7.answers\n",
     run_spool_replay, show_spool_replay},
    {"spool show", NULL, GROUP_TILL, NEEDS_NOTHING, "", "file!",
     N_("show what a spool keeps, and what became of it"), NULL, "spool show --file till-7.spool\n",
     run_spool_show, show_spool},

    {"member add", "member.add", GROUP_MEMBERS, NEEDS_WRITING, "",
     "card phone store till operator entry text ref accept-clock", N_("enrol a new member"), NULL,
     "member add --card 2001 --phone +447700900123\n", run_operation, show_member_change},
    {"member show", "member.show", GROUP_MEMBERS, NEEDS_READING, "member", "",
     N_("show what identifies a member, masked"), NULL, "member show card:2001\n", run_operation,
     show_member},
    {"member link", "member.link", GROUP_MEMBERS, NEEDS_WRITING, "member",
     "card phone store till operator entry text ref accept-clock",
     N_("give a member a further card or phone"), NULL, "member link card:2001 --card 2002\n",
     run_operation, show_member_change},
    {"member unlink", "member.unlink", GROUP_MEMBERS, NEEDS_WRITING, "member",
     "card phone store till operator entry text ref accept-clock",
     N_("take a card or phone from a member"), NULL, "member unlink card:2001 --card 2002\n",
     run_operation, show_member_change},
    {"member merge", "member.merge", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! into! ref! reason store till operator entry text accept-clock",
     N_("make two memberships one"),
     N_("Points, cards, phones and what is owed go to the one who stays; either name means them\n"
        "from then on. It cannot be undone."),
     "member merge --member card:2001 --into card:2002 --ref M-1\n", run_operation, show_merge},
    {"member list", "member.list", GROUP_MEMBERS, NEEDS_READING, "", "limit after",
     N_("list members and what they have"), NULL, "member list --limit 20\n", run_operation,
     show_member_list},
    {"member erase", "member.erase", GROUP_MEMBERS, NEEDS_WRITING, "member",
     "ref! reason! balance store till operator approved-by entry text accept-clock",
     N_("erase what is held on a member"),
     N_("Cards, phones, receipts with their lines, refs and texts go from the ledger for good; "
        "the\n"
        "heads of the records stay, so that points and proofs hold. Exports, bundles and backups\n"
        "that were made before have it still. --balance forfeit lets open points lapse, keep\n"
        "leaves them to nobody; else whoever has points is not erased."),
     "member erase card:2002 --ref E-1 --reason gdpr --balance forfeit\n", run_operation,
     show_erase},
    {"member hold", "member.hold", GROUP_MEMBERS, NEEDS_WRITING, "member",
     "ref! reason! until release store till operator approved-by entry text accept-clock",
     N_("keep what is held on a member from being erased"),
     N_("Through the last day of --until, whoever asks for it and whatever the programme's\n"
        "retention says; --release ends it."),
     "member hold card:2002 --ref L-1 --reason lawsuit --until 2027-12-31\n", run_operation,
     show_hold},
    {"member export", "member.export", GROUP_MEMBERS, NEEDS_READING, "member [file]", "",
     N_("write down all that is held on a member, as JSON"), NULL,
     "member export card:2002 card-2002.json\n", run_member_export, NULL},
    {"show", "show", GROUP_MEMBERS, NEEDS_READING, "member", "at print encoding",
     N_("show a member's balances, level, benefits, and what expires"),
     N_("With --at in the past: what the ledger knew then. In the future: as if nothing more\n"
        "happened."),
     "show card:2001\n"
     "show card:2001 --at 2027-03-31\n",
     run_operation, show_balance},
    {"history", "history", GROUP_MEMBERS, NEEDS_READING, "member", "limit before",
     N_("list what happened to a member's points and level, newest first"), NULL,
     "history card:2001 --limit 10\n", run_operation, show_history},
    {"adjust", "adjust", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! ref! points! reason! points-of origin store till operator approved-by entry text "
     "accept-clock",
     N_("give or take points by hand, with a reason"),
     N_("The programme may limit what one operator gives and takes, and demand that a second one\n"
        "approves it."),
     "adjust --member card:2001 --ref A-1 --points 5 --reason goodwill --operator eva\n"
     "adjust --member card:2001 --ref A-3 --points 50 --reason spring --origin marketing \\\n"
     "    --operator eva --approved-by ann\n"
     "adjust --member card:2001 --ref A-2 --points -5 --reason mistake --operator eva\n",
     run_operation, show_adjust},
    {"tier set", "tier.set", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! level! operator! reason! ref! until release store till approved-by entry text "
     "accept-clock",
     N_("set a member's level by hand, with a reason"),
     N_("With --until the level is held through that day, whatever the member buys; --release\n"
        "ends it. Without either it must be above the one reached, and is kept or lost at its\n"
        "review, as if it had been reached by buying."),
     "tier set --member card:2001 --level gold --until 2027-03-31 --ref L-1 --operator eva \\\n"
     "    --reason status-match\n"
     "tier set --member card:2001 --level gold --release --ref L-2 --operator eva --reason "
     "mistake\n",
     run_operation, show_tier_set},

    {"transfer", "transfer", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! to! points! ref! points-of proof reason store till operator approved-by entry text "
     "accept-clock",
     N_("give points of one member to another"), NULL,
     "transfer --member card:2001 --to card:2002 --points 20 --ref T-1\n", run_operation,
     show_transfer},
    {"household create", "household.create", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! ref! store till operator entry text accept-clock",
     N_("make a household, with a member as its first"), NULL,
     "household create --member card:2001 --ref H-1\n", run_operation, show_household_change},
    {"household join", "household.join", GROUP_MEMBERS, NEEDS_WRITING, "household",
     "member! ref! store till operator entry text accept-clock",
     N_("let a member into a household"), NULL,
     "household join household:7QK4ZM2P9XWT --member card:2002 --ref H-2\n", run_operation,
     show_household_change},
    {"household leave", "household.leave", GROUP_MEMBERS, NEEDS_WRITING, "",
     "member! ref! reason store till operator entry text accept-clock",
     N_("let a member leave their household"), NULL,
     "household leave --member card:2002 --ref H-3\n", run_operation, show_household_change},
    {"household show", "household.show", GROUP_MEMBERS, NEEDS_READING, "household", "",
     N_("show who is in a household, and what they have"), NULL,
     "household show household:7QK4ZM2P9XWT\n", run_operation, show_household},
    {"operator link", "operator.link", GROUP_MEMBERS, NEEDS_WRITING, "of",
     "member! ref! reason store till operator approved-by entry text accept-clock",
     N_("say whose card is an operator's own"),
     N_("What operators enter for their own card, or for their household's, is then refused or\n"
        "flagged, as the programme says. The newest link counts."),
     "operator link eva --member card:2001 --ref O-1\n", run_operation, show_operator_change},
    {"operator unlink", "operator.unlink", GROUP_MEMBERS, NEEDS_WRITING, "of",
     "ref! reason store till operator approved-by entry text accept-clock",
     N_("say that no card is an operator's own any more"), NULL, "operator unlink eva --ref O-2\n",
     run_operation, show_operator_change},
    {"operator show", "operator.show", GROUP_MEMBERS, NEEDS_READING, "of", "",
     N_("show whose card is an operator's own"), NULL, "operator show eva\n", run_operation,
     show_operator},

    {"import", "import", GROUP_FILES, NEEDS_WRITING, "file",
     "mapping! history unmatched rejects accept-clock", N_("read receipts from a CSV file"),
     N_("The same file can be imported again: what is known adds nothing, so that an import that\n"
        "was stopped goes on where it stood. Rejected lines go to FILE.rejects.csv with the\n"
        "reason; mend them and import that file."),
     "import sales.csv --mapping columns.json --history\n"
     "import - --mapping columns.json < sales.csv\n",
     run_import, show_import},
    {"export", "export", GROUP_FILES, NEEDS_READING, "", "audit since format known-at output",
     N_("write the whole log, for auditors"),
     N_("With --audit it becomes a folder that `verify DIR` checks without this ledger, from the\n"
        "first record or --since a checkpoint. With --format hledger it becomes a journal of\n"
        "plain-text accounting, with assertions of every balance."),
     "export --output ledger.export\n"
     "export --audit audit-2026 --since anchor.txt\n"
     "export --format hledger --output ledger.journal\n",
     run_export, show_export},
    {"backup", "backup", GROUP_FILES, NEEDS_READING, "path", "",
     N_("copy the ledger, while it is in use; the key is not copied"), NULL,
     "backup loyalty.2026-11-21.db\n", run_long, show_backup},
    {"restore", "restore", GROUP_FILES, NEEDS_NOTHING, "backup", "anchor accept-loss",
     N_("make a backup the ledger again, where none is"),
     N_("It is verified first, and nothing is ever overwritten: move what is left of the old\n"
        "ledger away. The key must lie beside the new one already, or where --key says. With\n"
        "--anchor, a checkpoint that a till was answered with, a backup that is older is refused."),
     "restore loyalty.2026-11-21.db\n"
     "--db shop.db restore loyalty.2026-11-21.db --anchor till-7.anchor\n",
     run_restore, show_restore},
    {"recover", "recover", GROUP_FILES, NEEDS_WRITING, "",
     "reason! anchor store till operator entry text accept-clock",
     N_("say that an older copy of the ledger goes on"),
     N_("A ledger that lacks what was signed before, because its file was put back or a backup "
        "was\n"
        "restored, can only be read. Look for the newer file first. This records who gave it up,\n"
        "why, and what it was; with --anchor a checkpoint that a till was answered with and that "
        "is\n"
        "lost. What was signed is remembered in ~/.local/state/loyalty, or where $LOYALTY_STATE "
        "says\n"
        "(none: nowhere)."),
     "recover --reason disk-failure --operator ann\n"
     "recover --reason disk-failure --anchor till-7.anchor\n",
     run_operation, show_recover},

    {"report", "report", GROUP_REPORTS, NEEDS_READING, "name",
     "as-of known-at period from until within most anchor policy format output",
     N_("say what is owed, how it came to be, and what became of it"),
     N_("liability: points that are out, by origin, month of issue and month of expiry.\n"
        "rollforward: opening, issued, redeemed, expired, returned, adjusted, closing, by month.\n"
        "breakage: what became of the points of each month. trial-balance: all accounts; zero.\n"
        "held: returns that wait for their purchase.\n"
        "tills: what each till says that it sold on a day, and what the ledger has of it.\n"
        "exceptions: what operators did that somebody should look at, from day to day.\n"
        "integrity: who vouches for which records, and what nobody vouches for.\n"
        "period: months between two checkpoints, as their records add up.\n"
        "tiers: members of each level, and who moved in a month; with --within who is about to.\n"
        "The same --as-of and --known-at give the same report for ever."),
     "report liability\n"
     "report liability --as-of 2026-12-31 --known-at anchor.txt --format csv\n"
     "report rollforward --period 2026-03\n"
     "report rollforward --from 2026-01 --until 2026-12\n"
     "report tills --from 2026-11-16 --until 2026-11-22\n"
     "report exceptions --from 2026-11-16 --until 2026-11-22 --most 3\n"
     "report integrity --anchor anchor.txt --policy policy.txt\n"
     "report period --period 2026-03\n"
     "report tiers --from 2026-01 --until 2026-12\n"
     "report tiers --within P30D --most 20\n",
     run_report, NULL},
    {"reconcile", "reconcile", GROUP_REPORTS, NEEDS_READING, "file",
     "mapping! from until members-only findings",
     N_("compare your own journal of sales with the ledger; nothing is changed"),
     N_("The file and its --mapping are those of `import`. Found are sales that the ledger lacks, "
        "has\n"
        "otherwise, or has and the journal does not; and tills that fell silent. With --findings,\n"
        "or --json, each is a line of JSON with the request that mends it, for `batch`, in "
        "\"send\".\n"
        "Exit status 5 where anything was found."),
     "reconcile sales.csv --mapping columns.json --from 2026-11-21 --until 2026-11-21\n"
     "reconcile sales.csv --mapping columns.json --findings found.jsonl\n",
     run_reconcile, show_reconcile},
    {"close", "close", GROUP_REPORTS, NEEDS_WRITING, "period",
     "ref reason store till operator entry text accept-clock",
     N_("close the books of a month and of all before it"),
     N_("What comes later with a date in a closed month is reported in the first open one, or\n"
        "refused where the programme says so."),
     "close 2026-03\n", run_operation, show_close},
    {"statement", "statement", GROUP_REPORTS, NEEDS_READING, "",
     "member! month! as-of known-at format width output",
     N_("print what happened to a member's points in a month"), NULL,
     "statement --member card:2001 --month 2026-03 --width 48\n", run_report, NULL},

    {"checkpoint", "checkpoint", GROUP_PROOF, NEEDS_READING, "", "",
     N_("print the newest signed checkpoint, to be kept elsewhere"), NULL,
     "checkpoint > anchor.txt\n", run_operation, show_checkpoint},
    {"verify", "verify", GROUP_PROOF, NEEDS_READING, "[bundle]",
     "anchor since key policy all-signatures",
     N_("check that no record was changed, left out or added"),
     N_("Without an --anchor nothing outside the ledger can say that its end was not cut off.\n"
        "--since is quicker: it proves that the log extends that checkpoint, checks the records\n"
        "after it, and says what they are; stored bytes of older records are not read again.\n"
        "A DIR from `export --audit` is checked in place of a ledger; it needs the --key."),
     "verify --anchor anchor.txt --key key.txt\n"
     "verify --since yesterday.txt\n"
     "verify audit-2026 --key key.txt --anchor anchor.txt\n"
     "verify --anchor cosigned --policy policy.txt\n",
     run_verify, show_verify},
    {"prove", "prove", GROUP_PROOF, NEEDS_READING, "[seq]", "ref since",
     N_("print a proof that a record is in the log, to be given away"),
     N_("One file holds the record, the way to the signed root, and the checkpoint. Name the\n"
        "record by its number, or by the ref or receipt of its operation. With --since (a\n"
        "checkpoint's file, or a number of records) it proves that the log has grown from there:\n"
        "what `cosign` reads."),
     "prove 17 > 17.tlog-proof\n"
     "prove --ref 4711 > 4711.tlog-proof\n"
     "prove --since anchor.txt > growth\n",
     run_long, show_proof},
    {"publish", "publish", GROUP_PROOF, NEEDS_READING, "path", "entries",
     N_("write the log's hashes and checkpoint for a web server, what is new of them"),
     N_("The folder then is a public log of C2SP tiles: anybody can see that it only grows.\n"
        "--entries puts the heads into it, too: what happened to every member's points, under\n"
        "pseudonyms. What was published once cannot be called back."),
     "publish /var/www/log\n", run_long, show_publish},
    {"verify-proof", "verify.proof", GROUP_PROOF, NEEDS_NOTHING, "proof-file", "key! policy",
     N_("check such a proof; no ledger is needed, only the public key"), NULL,
     "verify-proof 4711.tlog-proof --key key.txt\n", run_evidence, show_verify_proof},
    {"cosignature add", "cosignature.add", GROUP_PROOF, NEEDS_WRITING, "note", "policy!",
     N_("keep what cosigners have said of a checkpoint of this ledger"),
     N_("Kept are the cosignatures that hold and are by a witness of the policy, each once.\n"
        "`verify --policy` and `export --audit` find them there."),
     "cosignature add cosigned --policy policy.txt\n", run_long, show_cosignatures},
    {"cosign", "cosign", GROUP_PROOF, NEEDS_NOTHING, "[growth]", "log new",
     N_("vouch with a key of your own that a log has only grown since you saw it last"),
     N_("For an auditor, on a machine of their own. --key names the cosigner's key; beside it\n"
        "lies, in a file that ends in .signed, what was signed last: keep both. Printed is the\n"
        "checkpoint with the cosignature."),
     "cosign --new auditor.example --key auditor.key\n"
     "cosign growth --log key.txt --key auditor.key > cosigned\n",
     run_cosign, show_cosign},
    {"audit", "audit", GROUP_PROOF, NEEDS_READING, "", "",
     N_("carry out the whole log again and compare every point"), NULL, "audit\n", run_long,
     show_audit},
    {"lookup", "lookup", GROUP_PROOF, NEEDS_READING, "", "ref! print encoding",
     N_("find an operation by its key"), NULL, "lookup --ref V-1\n", run_operation, show_lookup},
    {"record", "record", GROUP_PROOF, NEEDS_READING, "seq", "",
     N_("print one record as it is stored"), NULL, "record 17\n", run_operation, show_record},

    {"sweep", "sweep", GROUP_CARE, NEEDS_WRITING, "", "accept-clock",
     N_("record what time has made due for all members"),
     N_("No balance depends on it: what has lapsed is gone whether or not a sweep ran. It may be\n"
        "stopped at any time, and goes on where it stood."),
     "sweep\n", run_long, show_sweep},
    {"rebuild", "rebuild", GROUP_CARE, NEEDS_WRITING, "", "",
     N_("make all derived tables afresh from the log"), NULL, "rebuild\n", run_long, show_rebuild},
    {"upgrade", NULL, GROUP_CARE, NEEDS_NOTHING, "", "backup",
     N_("bring a ledger of an older version up to date, after a backup"), NULL, "upgrade\n",
     run_upgrade, show_upgrade},
    {"help", NULL, GROUP_CARE, NEEDS_NOTHING, "[word] [second]", "markdown",
     N_("say what commands there are, and how each is called"), NULL, "help purchase\n", run_help,
     NULL},
    {"completion", NULL, GROUP_CARE, NEEDS_NOTHING, "shell", "",
     N_("print completions for a shell"), NULL, "completion bash > loyalty.bash\n", run_completion,
     NULL},
    {NULL, NULL, GROUP_COUNT, NEEDS_NOTHING, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

const char *command_group_title(enum command_group group)
{
    switch (group) {
    case GROUP_SETUP:
        return _("Set up");
    case GROUP_TILL:
        return _("At the till");
    case GROUP_MEMBERS:
        return _("Members");
    case GROUP_FILES:
        return _("Files");
    case GROUP_REPORTS:
        return _("Reports");
    case GROUP_PROOF:
        return _("Proof");
    case GROUP_CARE:
        return _("Care and help");
    case GROUP_COUNT:
        break;
    }
    return "";
}

bool flag_repeats(const struct flag *flag)
{
    return flag->kind == FLAG_LIST || flag->kind == FLAG_LINE || flag->kind == FLAG_PAIR;
}

const struct flag *flag_find(const struct flag table[], const char *name, size_t length)
{
    for (const struct flag *flag = table; flag->name != NULL; flag++)
        if (strncmp(flag->name, name, length) == 0 && flag->name[length] == '\0')
            return flag;
    return NULL;
}

const char *command_next_name(const char **list, size_t *length, char *mark)
{
    const char *name = *list + strspn(*list, " ");
    *mark = 0;
    if (*name == '[') {
        *mark = '[';
        name++;
    }
    *length = strcspn(name, " !]");
    if (*length == 0)
        return NULL;
    if (name[*length] == '!')
        *mark = '!';
    *list = name + *length + strspn(name + *length, "!]");
    return name;
}

static bool names(const char *list, const char *flag)
{
    const char *name;
    size_t length = 0;
    char mark = 0;
    while ((name = command_next_name(&list, &length, &mark)) != NULL)
        if (strncmp(name, flag, length) == 0 && flag[length] == '\0')
            return true;
    return false;
}

bool command_places(const struct command *command, const char *flag)
{
    return names(command->positional, flag);
}

bool command_takes(const struct command *command, const char *flag)
{
    if (command->op != NULL && strcmp(flag, "request") == 0)
        return true;
    return names(command->flags, flag) || names(command->positional, flag);
}

const char *call_value(const struct call *call, const char *flag)
{
    for (size_t i = 0; i < call->count; i++)
        if (strcmp(call->values[i].flag->name, flag) == 0)
            return call->values[i].text != NULL ? call->values[i].text : "";
    return NULL;
}
