# fairlead_room(NAME SOURCES ... ROOMS ... LIBS ...)
#
# One static library a room. ROOMS are the rooms below it, LIBS the outside
# libraries that this room alone may include (tests/lint/rooms.sh).
# SPDX-License-Identifier: Apache-2.0
function(fairlead_room name)
  cmake_parse_arguments(R "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  add_library(fairlead_${name} STATIC ${R_SOURCES})
  foreach(room IN LISTS R_ROOMS)
    target_link_libraries(fairlead_${name} PUBLIC fairlead_${room})
  endforeach()
  target_link_libraries(fairlead_${name} PRIVATE ${R_LIBS} Threads::Threads)
endfunction()
