// SGEMM from Debian's libopenblas-dev: what the bench compares with, used nowhere else.
#include <cblas.h>
