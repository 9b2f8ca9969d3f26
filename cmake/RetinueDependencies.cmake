# Third-party targets. A module links the ones that it needs; docs/dependencies.md says why each is there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(tl-expected CONFIG REQUIRED) # Debian: libexpected-dev
find_package(fmt 9 CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_library(RETINUE_ONNX_PROTO onnx_proto REQUIRED) # Debian: libonnx-dev; only its protobuf is used
add_library(retinue_onnx_proto INTERFACE)
add_library(onnx::proto ALIAS retinue_onnx_proto)
target_compile_definitions(retinue_onnx_proto INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(retinue_onnx_proto INTERFACE "${RETINUE_ONNX_PROTO}" protobuf::libprotobuf)

find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(pugixml REQUIRED)
find_package(ZLIB REQUIRED)

pkg_check_modules(libavformat REQUIRED IMPORTED_TARGET libavformat>=59)
pkg_check_modules(libavcodec REQUIRED IMPORTED_TARGET libavcodec>=59)
pkg_check_modules(libavutil REQUIRED IMPORTED_TARGET libavutil>=57)
pkg_check_modules(libswscale REQUIRED IMPORTED_TARGET libswscale>=6)
pkg_check_modules(cairo REQUIRED IMPORTED_TARGET cairo)
pkg_check_modules(sdl2 REQUIRED IMPORTED_TARGET sdl2)
pkg_check_modules(libhwy REQUIRED IMPORTED_TARGET libhwy)
# Our vector kernels keep vectors in structs and arrays, which registers of unknown size cannot be.
target_compile_definitions(PkgConfig::libhwy INTERFACE
  "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128|HWY_RVV)")
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)

find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Eigen3 CONFIG REQUIRED)

# The headers only: the library itself is loaded at run time (infer/onnxruntime_library.hpp).
add_library(retinue_onnxruntime_headers INTERFACE)
add_library(onnxruntime::headers ALIAS retinue_onnxruntime_headers)
if(NOT EXISTS "${RETINUE_ONNXRUNTIME_DIR}/include/onnxruntime_c_api.h")
  message(FATAL_ERROR "onnxruntime_c_api.h is not in ${RETINUE_ONNXRUNTIME_DIR}/include: run ./dev setup, "
                      "or pass -DRETINUE_ONNXRUNTIME_DIR=<folder with include/ and lib/>")
endif()
target_include_directories(retinue_onnxruntime_headers SYSTEM INTERFACE "${RETINUE_ONNXRUNTIME_DIR}/include")

if(RETINUE_TESTS)
  find_package(GTest REQUIRED)
endif()
if(RETINUE_BENCH)
  find_package(benchmark REQUIRED)
endif()
