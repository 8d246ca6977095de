// Everything that a program on Lockstep needs, under one import.

@_exported public import CheckpointFiles
@_exported public import Checkpoints
@_exported public import Ciphers
@_exported public import Collectives
@_exported public import Datasets
@_exported public import Drills
@_exported public import EmbeddedData
@_exported public import Execution
@_exported public import Files
@_exported public import Graphs
@_exported public import LayerOperations
@_exported public import Layouts
@_exported public import Memory
@_exported public import MindIR
@_exported public import Models
@_exported public import Networks
@_exported public import Notices
@_exported public import OpenMPI
@_exported public import Pictures
@_exported public import Records
@_exported public import Reporting
@_exported public import Runs
@_exported public import Stopping
@_exported public import Tensors
@_exported public import Training
@_exported public import Watching

// What paths are given as.
@_exported public import struct SystemPackage.FilePath
