# wolfSSL, for bindings/micropython/micropython.cmake.
ussl_directory(wolfssl)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/wolfssl/sources.txt OPTIONAL)
set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY} ${USSL_ROOT}/backends/wolfssl/config)
set(USSL_LIBRARY_DEFINITIONS WOLFSSL_USER_SETTINGS)
