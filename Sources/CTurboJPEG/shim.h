// Reading of JPEG from Debian's libturbojpeg0-dev, whose functions return errors: no longjmp leaves it.
#include <turbojpeg.h>

// Into 3 bytes a pixel, or 4 of CMYK. 0, or -1: tjGetErrorStr2 says why.
static inline int lockstep_jpeg_read(
    tjhandle handle, const unsigned char *bytes, unsigned long count, unsigned char *pixels, int width, int height,
    int isCMYK) {
    // A progressive file with very many scans would take hours.
    return tjDecompress2(
        handle, bytes, count, pixels, width, 0, height, isCMYK ? TJPF_CMYK : TJPF_RGB, TJFLAG_LIMITSCANS);
}

// Whether the colours that tjDecompressHeader3 finds are those of printing.
static inline int lockstep_jpeg_is_cmyk(int colours) { return colours == TJCS_CMYK || colours == TJCS_YCCK; }

static inline int lockstep_jpeg_is_warning(tjhandle handle) { return tjGetErrorCode(handle) == TJERR_WARNING; }
