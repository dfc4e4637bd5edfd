package market

import (
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// FestivalName names a festival that moves sales.
type FestivalName string

// The festivals known.
const (
	Seollal     FestivalName = "seollal"
	Chuseok     FestivalName = "chuseok"
	Songkran    FestivalName = "songkran"
	Christmas   FestivalName = "christmas"
	BlackFriday FestivalName = "black_friday"
	Double11    FestivalName = "double_11"
)

// Festival is one occurrence: its first day and how many days it lasts.
type Festival struct {
	Name  FestivalName
	Start day.Day
	Days  int
}

// The first and last year of the festival tables.
const (
	FirstFestivalYear = 2022
	LastFestivalYear  = 2028
)

// lunar holds the day itself (the first of the first, and the fifteenth of the eighth month of the Korean lunisolar
// calendar) for 2022–2028. Source: the calendar of the Korea Astronomy and Space Science Institute, checked against
// the public holidays of the `holidays` data set; Seollal of 2027 and 2028 falls a day after the Chinese new year,
// because the new moon comes just before midnight in Beijing and after it in Seoul.
var lunar = map[FestivalName][LastFestivalYear - FirstFestivalYear + 1]string{
	Seollal: {"2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-07", "2028-01-27"},
	Chuseok: {"2022-09-10", "2023-09-29", "2024-09-17", "2025-10-06", "2026-09-25", "2027-09-15", "2028-10-03"},
}

// celebrated says which festivals move sales in which country.
var celebrated = map[string][]FestivalName{
	"KR": {Seollal, Chuseok, Double11, BlackFriday, Christmas},
	"TH": {Songkran, Double11, Christmas},
	"DE": {BlackFriday, Christmas},
}

// FestivalOf returns a festival's occurrence in a year; ok is false for a year outside the tables.
func FestivalOf(name FestivalName, year int) (f Festival, ok bool) {
	if year < FirstFestivalYear || year > LastFestivalYear {
		return Festival{}, false
	}
	f.Name, f.Days = name, 1
	switch name {
	case Seollal, Chuseok: // the eve, the day and the day after
		d, err := day.Parse(lunar[name][year-FirstFestivalYear])
		if err != nil {
			return Festival{}, false
		}
		f.Start, f.Days = d-1, 3
	case Songkran: // fixed by Thailand's cabinet to 13–15 April
		f.Start, f.Days = day.New(year, time.April, 13), 3
	case Christmas: // Christmas day and the day after
		f.Start, f.Days = day.New(year, time.December, 25), 2
	case BlackFriday: // the day after the fourth Thursday of November, and the weekend to Monday
		f.Start, f.Days = blackFriday(year), 4
	case Double11:
		f.Start = day.New(year, time.November, 11)
	default:
		return Festival{}, false
	}
	return f, true
}

func blackFriday(year int) day.Day {
	first := day.New(year, time.November, 1)
	toThursday := (int(time.Thursday) - int(first.Time().Weekday()) + 7) % 7
	return first + day.Day(toThursday+21+1)
}

// Festivals lists what a country celebrates between two days, both included, in the order of the calendar.
func Festivals(country string, from, to day.Day) []Festival {
	var list []Festival
	for year := from.Time().Year(); year <= to.Time().Year(); year++ {
		for _, name := range celebrated[country] {
			f, ok := FestivalOf(name, year)
			if ok && f.Start <= to && f.Start+day.Day(f.Days-1) >= from {
				list = append(list, f)
			}
		}
	}
	for i := 1; i < len(list); i++ { // short and nearly sorted
		for j := i; j > 0 && list[j].Start < list[j-1].Start; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list
}
