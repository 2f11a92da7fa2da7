"""When a country signed, in words: as far as the sources agree, for lesson 02 and the briefs."""


def when(row):
    """Return when a country signed, in words, from a row of the table `bri_countries`.

    A day, month or year that a source which was read has stands alone. Beside any other year
    stands what it rests on.
    """
    dated = isinstance(row["signed_date"], str)
    date = row["signed_date"] if dated else str(row["signed_year"])
    if row["signed_basis"] == "checked":
        return date
    if row["signed_basis"] == "as_source":
        return f"{date} ({'' if dated else 'year '}as its source has it)"
    return f"{date} (sources disagree: others have {int(row['other_year'])})"
