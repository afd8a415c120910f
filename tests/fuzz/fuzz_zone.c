/* Any bytes as a zone: refused, or else its answers agree with one another at every
 * moment tried. The moments come from the last bytes of the input as well. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "civil.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_moment(const struct zone *zone, moment at)
{
    struct civil civil, again;
    moment back = 0;
    zone_to_civil(zone, at, &civil);
    require(civil_to_milliseconds(civil) - at == INT64_C(1000) * zone_offset_seconds(zone, at));
    require(zone_from_civil(zone, civil, &back) && back <= at);
    zone_to_civil(zone, back, &again);
    require(civil_to_milliseconds(again) == civil_to_milliseconds(civil));

    struct date date = zone_date(zone, at);
    moment start = zone_day_start(zone, date);
    require(start <= at && start <= zone_day_start(zone, date_from_days(date_to_days(date) + 1)));
    require(zone_add(zone, at, (struct span){0}) == at);
    moment later = zone_add(zone, at, (struct span){1, 1, 1});
    require(later >= MOMENT_FIRST && later <= MOMENT_LAST);
}

static void try_text(const struct zone *zone, moment at)
{
    struct buffer buffer = {0};
    struct error error = {0};
    moment again = 0;
    moment_format_local(&buffer, zone, at);
    require(moment_parse(buffer_view(&buffer), NULL, &again, &error) && again == at);
    buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const moment moments[] = {
        MOMENT_FIRST,           INT64_C(-2208988800000), 0,          INT64_C(1795257000000),
        INT64_C(2208988800000), INT64_C(16725225600000), MOMENT_LAST};
    struct arena arena = {0};
    struct error error = {0};
    const struct zone *zone = zone_read(&arena, (struct text){(const char *)data, size}, &error);
    require((zone == NULL) == (error.code == ERROR_INVALID_ZONE));
    if (zone != NULL) {
        uint64_t seed = 0;
        for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
            try_moment(zone, moments[i]);
            try_text(zone, moments[i]);
        }
        for (size_t i = 0; i < size; i++)
            seed = seed * UINT64_C(6364136223846793005) + data[i] + 1;
        for (int i = 0; i < 64; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            uint64_t range = (uint64_t)(MOMENT_LAST - MOMENT_FIRST) >> (i % 3 == 0 ? 0 : 5);
            moment at = (i % 3 == 0 ? MOMENT_FIRST : INT64_C(-4000000000000)) +
                        (moment)((seed >> 8) % range);
            try_moment(zone, at);
            try_text(zone, at);
        }
    }
    arena_free(&arena);
    return 0;
}
