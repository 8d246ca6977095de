// Whoever reads and writes sets of files reads and writes the files too.

@_exported public import CheckpointFiles
