# Compiler flags of every target. What the compiler can find, a reviewer
# should not have to.
# SPDX-License-Identifier: Apache-2.0

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_definitions(_GNU_SOURCE)
add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wformat=2 -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef
  -Wold-style-definition -Wimplicit-fallthrough -Wdate-time
  -fno-common -fstack-protector-strong)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wlogical-op -Wduplicated-cond -Wformat-signedness)
endif()
if(FAIRLEAD_WERROR)
  add_compile_options(-Werror)
endif()

# strcpy, sprintf and friends do not compile (base/banned.h says why).
add_compile_options(-include ${CMAKE_SOURCE_DIR}/base/banned.h)
include_directories(${CMAKE_SOURCE_DIR})

if(FAIRLEAD_SANITIZE)
  add_compile_options(-fsanitize=${FAIRLEAD_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FAIRLEAD_SANITIZE})
endif()
if(FAIRLEAD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(FAIRLEAD_FAULTS)
  add_compile_definitions(FAIRLEAD_FAULTS=1)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # clang's fortified headers are macros, which base/banned.h cannot poison.
    add_compile_definitions(_FORTIFY_SOURCE=2)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
