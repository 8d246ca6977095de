// EVP ciphers, HMAC and random bytes from Debian's libssl-dev.
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
