# use_room(TARGET ROOM)
# The target may include the room's headers: those of its folder and, where the
# room is divided, of the folders in it.
function(use_room target room)
  file(GLOB headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
       ${CMAKE_SOURCE_DIR}/${room}/*.h ${CMAKE_SOURCE_DIR}/${room}/*/*.h)
  foreach(header IN LISTS headers)
    get_filename_component(folder ${header} DIRECTORY)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/${folder})
  endforeach()
endfunction()

# room(NAME SOURCES a.c b.c USES other-rooms... LINKS libraries...)
# A folder as a target. Its headers can be included only by the rooms that name
# it in USES, and that is not passed on: a wrong #include does not compile.
function(room name)
  cmake_parse_arguments(R "" "" "SOURCES;USES;LINKS" ${ARGN})
  add_library(${name} OBJECT ${R_SOURCES})
  foreach(used IN ITEMS ${name} LISTS R_USES)
    use_room(${name} ${used})
  endforeach()
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${R_LINKS})
endfunction()
