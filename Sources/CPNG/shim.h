// Reading of PNG from Debian's libpng-dev, by the interface that returns errors: no longjmp leaves libpng.
#include <png.h>
#include <string.h>

// 1, or 0 and a message.
static inline int lockstep_png_begin(png_image *image, const void *bytes, size_t count) {
    memset(image, 0, sizeof *image);
    image->version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(image, bytes, count)) return 0;
    image->format = PNG_FORMAT_RGBA;
    // Without it 16 bits that say nothing of their brightness would be taken as linear.
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    return 1;
}

// Into 4 bytes a pixel, row by row. 1, or 0 and a message.
static inline int lockstep_png_finish(png_image *image, void *pixels) {
    return png_image_finish_read(image, NULL, pixels, 0, NULL);
}

static inline const char *lockstep_png_message(const png_image *image) { return image->message; }
