public import Testing

/// What all tests that start `mpirun` extend: they run one after the other, as each fills all cores.
@Suite(.serialized) public struct MPITests {}
