# scenarios(FOLDER PREFIX TARGET): each FOLDER/*.scn becomes the test PREFIXname,
# run by tests/scenarios/run against the command that TARGET builds.
find_program(PYTHON3 python3 HINTS /usr/bin REQUIRED)
function(scenarios folder prefix target)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.scn)
  foreach(file IN LISTS files)
    cmake_path(GET file STEM name)
    add_test(NAME ${prefix}${name}
      COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/scenarios/run
              --command $<TARGET_FILE:${target}> --locale ${CMAKE_BINARY_DIR}/po ${file})
    set_tests_properties(${prefix}${name} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endfunction()
