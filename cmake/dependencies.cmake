# Everything comes from the system; README.md says why each is here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle>=3.8)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson>=1.7.15)
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(csv INTERFACE)
target_include_directories(csv SYSTEM INTERFACE ${CSV_INCLUDE_DIR})
target_link_libraries(csv INTERFACE ${CSV_LIBRARY})

# What the command carries within itself, where the system has it as an archive: a
# till starts it once per purchase, and the dynamic linker would take a tenth of
# that purchase's time. A distribution that wants them shared turns it off.
option(LOYALTY_CARRY "link the command with archives of its libraries" ON)
set(carried)
if(LOYALTY_CARRY)
  foreach(name sqlite3 sodium nettle csv)
    find_library(CARRIED_${name} lib${name}.a)
    mark_as_advanced(CARRIED_${name})
    if(CARRIED_${name})
      list(APPEND carried ${CARRIED_${name}})
    endif()
  endforeach()
  list(APPEND carried m)
endif()
