package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// people invents persons: common names put together by chance, addresses at example.com (reserved by RFC 2606),
// and telephone numbers that no one has.
type people struct {
	family, given []string
	familyFirst   bool
	space         string
	phone         func(i int) string
}

func (p *people) person(r *rand.Rand, id string, i int) (name, email, phone string) {
	family, given := p.family[r.IntN(len(p.family))], p.given[r.IntN(len(p.given))]
	name = given + p.space + family
	if p.familyFirst {
		name = family + p.space + given
	}
	return name, strings.ToLower(id) + "@example.com", p.phone(i)
}

var korean = people{
	familyFirst: true,
	family:      strings.Fields("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 전 고 문 손 양 배 백 허 남 심"),
	given: strings.Fields("민준 서연 지우 하은 도윤 서준 지민 수빈 예은 현우 지훈 유진 다은 채원 은지 성민 태윤 소율 가은 나연 " +
		"준호 혜진 미경 영수 정희 경숙 상훈 지영 은영 동현 재원 세아 윤서 아린 시우 하준 보라 슬기 한결 새봄"),
	phone: func(i int) string { return fmt.Sprintf("010-0000-%04d", i%10000) },
}

var thai = people{
	space: " ",
	given: strings.Fields("สมชาย สมหญิง กนกวรรณ ณัฐพล ปิยะ ศิริพร อรทัย วิชัย ธนา พิมพ์ชนก ชลธิชา ภาคิน นภัสสร กิตติ จิราพร มานี " +
		"ปวีณา สุดา อนันต์ รัตนา ธีรภัทร พัชรี วรรณา เกศรินทร์ ชัยวัฒน์ นันทนา ปาริชาติ อภิชาติ สุภาพร วราภรณ์"),
	family: strings.Fields("ใจดี ศรีสุข ทองดี แสงทอง บุญมี รุ่งเรือง วงศ์ไทย สุขใจ พงษ์ดี มีทรัพย์ แก้วใส ชัยชนะ ดวงดี ทรัพย์มาก " +
		"สายลม น้ำใส ภูเขียว จันทร์งาม พิมพ์ทอง เพชรดี"),
	phone: func(i int) string { return fmt.Sprintf("080-000-%04d", i%10000) },
}

var german = people{
	space: " ",
	given: strings.Fields("Anna Lukas Lea Jonas Mia Felix Emma Paul Hannah Leon Sophie Maximilian Clara Elias Johanna Ben Katharina Tim Laura Jan " +
		"Sabine Thomas Petra Stefan Birgit Jürgen Ayşe Mehmet Zofia Günther"),
	family: strings.Fields("Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf " +
		"Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Yılmaz Nowak Köhler Maier Vogel"),
	// The Bundesnetzagentur keeps 030 23125 000–999 for films and books.
	phone: func(i int) string { return fmt.Sprintf("030 23125 %03d", i%1000) },
}
