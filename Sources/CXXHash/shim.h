// XXH3 from Debian's libxxhash-dev.
#include <xxhash.h>
