# wolfSSL, for core/archive.cmake.
if(USSL_LIBRARY_TARGET)
    message(FATAL_ERROR "ussl: USSL_LIBRARY_TARGET=${USSL_LIBRARY_TARGET}: wolfSSL's memory, randomness and visibility are \
fixed when it is compiled. Give its sources: USSL_LIBRARY_DIR")
endif()
ussl_directory(wolfssl)
ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/wolfssl/sources.txt OPTIONAL)
list(APPEND USSL_LIBRARY_SOURCES ${USSL_ADAPTER}/library/aes.c ${USSL_ADAPTER}/library/internal.c
    ${USSL_ADAPTER}/library/keys.c ${USSL_ADAPTER}/library/sha256.c ${USSL_ADAPTER}/library/sha512.c
    ${USSL_ADAPTER}/library/sp_c32.c ${USSL_ADAPTER}/library/ssl.c ${USSL_ADAPTER}/library/tls.c)
set(USSL_LIBRARY_INCLUDES ${USSL_LIBRARY} ${USSL_ADAPTER}/config)
set(USSL_LIBRARY_DEFINITIONS WOLFSSL_USER_SETTINGS)
# Releases before 5.8 have no ML-KEM under its final name. The public header must know, too.
if(NOT EXISTS ${USSL_LIBRARY}/wolfcrypt/src/wc_mlkem.c)
    list(APPEND USSL_DEFINITIONS USSL_WOLFSSL_BEFORE_5_8)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|x86|i.86")
    if(USSL_HOSTED AND CMAKE_SIZEOF_VOID_P EQUAL 8)
        # user_settings.h has the latter, too, but aes_asm.S of 5.7.2 does not include it.
        list(APPEND USSL_LIBRARY_OPTIONS -maes)
        list(APPEND USSL_LIBRARY_DEFINITIONS WOLFSSL_X86_64_BUILD)
        ussl_list(USSL_LIBRARY_SOURCES ${USSL_LIBRARY} ${USSL_ROOT}/subprojects/packagefiles/wolfssl/sources-x86_64.txt OPTIONAL)
    else()
        list(APPEND USSL_LIBRARY_DEFINITIONS USSL_NO_ASSEMBLY)
    endif()
endif()
