/* The auditor's bundle (format): a folder that holds all there is to check, for
 * somebody who has the public key and nothing else of ours.
 *
 *   heads         the records' heads from the start on, one a line: the leaves
 *   bodies        {"seq":N,"salt":"...","body":"..."}, one a line, by seq
 *   checkpoints   every checkpoint after the start, by size, as JSON strings, one a line
 *   checkpoint    the newest of them, a signed note, verbatim
 *   keys          the log's public key, in a line
 *   programmes    every programme version, also those before the start, from 1: a
 *                 record's proof file against the newest checkpoint, as a JSON string
 *   from, edge    where the start is not record 0: the checkpoint at which it starts,
 *                 and the right edge of the tree there, a hash a line
 *   manifest      SHA-256 of each of these, as sha256sum writes and checks it
 *
 * The manifest finds damage on the way and missing files; what vouches for the
 * content is the signature. */
#ifndef LOYALTY_BUNDLE_H
#define LOYALTY_BUNDLE_H

enum bundle_file {
    BUNDLE_HEADS,
    BUNDLE_BODIES,
    BUNDLE_CHECKPOINTS,
    BUNDLE_CHECKPOINT,
    BUNDLE_KEYS,
    BUNDLE_PROGRAMMES,
    BUNDLE_FROM,
    BUNDLE_EDGE,
    BUNDLE_FILES
};
#define BUNDLE_NAMES                                                                               \
    {                                                                                              \
        "heads", "bodies", "checkpoints", "checkpoint", "keys", "programmes", "from", "edge"       \
    }
#define BUNDLE_MANIFEST "manifest"

#endif
