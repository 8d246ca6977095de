/// The plain loops: each kernel's meaning, which the tests compare the fast one with.
///
/// Same names and arguments as the kernels, without the thread pool. Nothing else calls them.
public enum Reference {}
