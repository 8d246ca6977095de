#pragma once

// Lets ThreadSanitizer see who waits for a `Mutex` of Swift's module Synchronization. That lock is a number which the
// threads compare and exchange in code of their own, which the sanitizer sees. But who has to wait does it in Swift's
// library, by a system call that it does not see, and what the lock guards was then reported as a race. Linking this
// target puts waiting that it sees in the place of the library's, in builds with the sanitizer and in no others.
