# Use the SIMDe headers of the system (Debian: libsimde-dev) instead of cloning them at build time.
if(EXISTS "/usr/include/simde/wasm/simd128.h")
  set(FETCHCONTENT_SOURCE_DIR_SIMDE "/usr/include/simde" CACHE PATH "")
endif()
