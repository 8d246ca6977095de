// Reading of JPEG from Debian's libturbojpeg0-dev, whose functions return errors: no longjmp leaves it.
#include <turbojpeg.h>

// 0, or -1: tjGetErrorStr2 says why, and tjGetErrorCode whether there are pixels all the same.
static inline int lockstep_jpeg_read(
    tjhandle handle, const unsigned char *bytes, unsigned long count, unsigned char *pixels, int width, int height) {
    // A progressive file with very many scans would take hours.
    return tjDecompress2(handle, bytes, count, pixels, width, 0, height, TJPF_RGB, TJFLAG_LIMITSCANS);
}

static inline int lockstep_jpeg_is_warning(tjhandle handle) { return tjGetErrorCode(handle) == TJERR_WARNING; }
