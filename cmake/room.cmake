# room(NAME SOURCES a.c b.c USES other-rooms... LINKS libraries...)
# A folder as a target. Its headers can be included only by the rooms that name
# it in USES, and that is not passed on: a wrong #include does not compile.
function(room name)
  cmake_parse_arguments(R "" "" "SOURCES;USES;LINKS" ${ARGN})
  add_library(${name} OBJECT ${R_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(other IN LISTS R_USES)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/${other})
  endforeach()
  target_link_libraries(${name} PRIVATE ${R_LINKS})
endfunction()
