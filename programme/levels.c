/* Levels, actions and benefits of a programme that has been read; and what a level of an
 * older version is called now. */
#include "programme.h"

static bool was(const struct tier_level *level, struct text id)
{
    for (size_t i = 0; i < level->was_count; i++)
        if (text_equal(level->was[i], id))
            return true;
    return false;
}

int programme_level_index(const struct programme *programme, struct text id)
{
    const struct tiers *tiers = programme->tiers;
    for (size_t i = 0; tiers != NULL && i < tiers->level_count; i++)
        if (text_equal(tiers->levels[i].id, id))
            return (int)i;
    return -1;
}

/* Its id in this version; its own where the version knows nothing of it. */
static struct text id_in(const struct programme *version, struct text id)
{
    const struct tiers *tiers = version->tiers;
    if (programme_level_index(version, id) >= 0)
        return id;
    for (size_t i = 0; tiers != NULL && i < tiers->level_count; i++)
        if (was(&tiers->levels[i], id))
            return tiers->levels[i].id;
    return id;
}

int programme_level_now(const struct programme *const versions[], size_t count, struct text id)
{
    /* Hop by hop: what takes the place of a level may be dropped itself. */
    for (size_t v = 0; v < count; v++)
        id = id_in(versions[v], id);
    return count == 0 ? -1 : programme_level_index(versions[count - 1], id);
}

bool programme_levels_mean(const struct programme *const versions[], size_t count,
                           struct error *error)
{
    const struct programme *last = versions[count - 1];
    for (size_t v = 0; v + 1 < count; v++) {
        const struct tiers *tiers = versions[v]->tiers;
        for (size_t l = 0; tiers != NULL && l < tiers->level_count; l++) {
            struct text id = tiers->levels[l].id;
            int named = programme_level_index(last, id);
            if (named < 0 || named == programme_level_now(versions + v + 1, count - v - 1, id))
                continue;
            fail_field(error, ERROR_PROGRAMME_CHANGE, "/tiers/levels",
                       _("\"%.*s\" was another level before, which is called otherwise now"),
                       TEXT(id));
            return hint(error, _("give the new level another id"));
        }
    }
    return true;
}

bool level_rate(const struct tiers *tiers, int level, const struct earn_gift *gift,
                struct fraction *rate)
{
    *rate = gift->rate;
    if (tiers == NULL || level < 0)
        return true;
    return fraction_multiply(gift->rate, tiers->levels[level].multiply[gift->currency], rate) &&
           rate->numerator <= LIMIT_RATE_TERM && rate->denominator <= LIMIT_RATE_TERM;
}

const struct action *programme_action(const struct programme *programme, struct text id)
{
    for (size_t i = 0; i < programme->action_count; i++)
        if (text_equal(programme->actions[i].id, id))
            return &programme->actions[i];
    return NULL;
}

const struct benefit *programme_benefit(const struct programme *programme, struct text id)
{
    for (size_t i = 0; i < programme->benefit_count; i++)
        if (text_equal(programme->benefits[i].id, id))
            return &programme->benefits[i];
    return NULL;
}
