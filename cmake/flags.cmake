# Warnings for everybody, hardening for what ships, and arithmetic that is the
# same on every machine.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla
  -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wswitch-enum -Wpointer-arith
  -ffp-contract=off)
if(LOYALTY_WERROR)
  add_compile_options(-Werror)
endif()
# POSIX 2008 beside strict C17: file modes, getline, clock_gettime.
add_compile_definitions(_POSIX_C_SOURCE=200809L)

set(hardening -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  list(APPEND hardening -fcf-protection)
endif()
foreach(flag IN LISTS hardening)
  add_compile_options($<$<CONFIG:Release>:${flag}>)
endforeach()
add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE>
                    $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
add_link_options($<$<CONFIG:Release>:-Wl,-z,relro> $<$<CONFIG:Release>:-Wl,-z,now>
                 $<$<CONFIG:Release>:-Wl,-z,noexecstack> -Wl,--as-needed)
# Assertions guard money: they stay in release builds.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
