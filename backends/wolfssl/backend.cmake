# wolfSSL, for bindings/micropython/micropython.cmake.
ussl_directory(wolfssl)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/wolfssl/sources.txt OPTIONAL)
list(APPEND USSL_LIBRARY_SOURCES ${USSL_ROOT}/backends/wolfssl/library/internal.c
	${USSL_ROOT}/backends/wolfssl/library/tls.c)
set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY} ${USSL_ROOT}/backends/wolfssl/config)
set(USSL_LIBRARY_DEFINITIONS WOLFSSL_USER_SETTINGS)
# Releases before 5.8 have no ML-KEM under its final name.
if(NOT EXISTS ${USSL_LIBRARY}/wolfcrypt/src/wc_mlkem.c)
    list(APPEND USSL_LIBRARY_DEFINITIONS USSL_WOLFSSL_BEFORE_5_8)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86|86_64|AMD64")
    # None of these ports is for it: a build on a host, to see that all compiles, does without the assembly.
    list(APPEND USSL_LIBRARY_DEFINITIONS USSL_NO_ASSEMBLY)
endif()
