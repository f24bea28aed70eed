//! Frames for the tests: one a link type and tunnel, put together layer by layer. Each carries the same TCP segment,
//! 192.0.2.1:49152 to 198.51.100.7:443 with the payload `hello`, or the same in IPv6.

use super::sample_headers::{
    CLIENT_MAC, SERVER_MAC, ethernet, frame_4, gtp_u, ipv4, ipv4_with, ipv6, join, over_udp,
    packet_4, packet_6, tcp, udp, vlan, vxlan,
};
use crate::generated::layout::tunnel_type::{
    ERSPAN, GENEVE, GRE, GTP_U, IPIP, L2TP, MPLS, PPPOE, TEREDO, VXLAN,
};

/// A frame and what is special about it.
pub(crate) struct Sample {
    pub name: &'static str,
    pub link_type: u16,
    pub data: Vec<u8>,
    pub ip_version: u8,
    /// Type and id, outermost first.
    pub tunnels: Vec<(u32, u32)>,
    pub vlans: Vec<u16>,
}

fn over_gre(flags: u16, protocol: u16, fields: &[u8], payload: &[u8]) -> Vec<u8> {
    let gre = join(&[
        &flags.to_be_bytes(),
        &protocol.to_be_bytes(),
        fields,
        payload,
    ]);
    ethernet(0x0800, &ipv4(47, &gre))
}

fn pppoe(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16).to_be_bytes();
    join(&[&[0x11, 0, 0x12, 0x34, length[0], length[1]], payload])
}

/// One label, not at the bottom of the stack, then one that is.
const LABELS: [u8; 8] = [0, 0x01, 0x00, 64, 0, 0x02, 0x11, 64];
/// The bottom label of `LABELS`.
const LABEL: u32 = 0x21;

fn wireless(kind: u8, flags: u8, extra: &[u8]) -> Vec<u8> {
    let access_point = [2, 0, 0, 0, 0, 9];
    let header = join(&[
        &[kind, flags, 0, 0],
        &SERVER_MAC,
        &access_point,
        &CLIENT_MAC,
        &[0, 0],
        extra,
    ]);
    join(&[&header, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet_4()])
}

struct Samples(Vec<Sample>);

impl Samples {
    fn add(&mut self, name: &'static str, link_type: u16, data: Vec<u8>) -> &mut Sample {
        let ip_version = if name.ends_with('6') { 6 } else { 4 };
        self.0.push(Sample {
            name,
            link_type,
            data,
            ip_version,
            tunnels: vec![],
            vlans: vec![],
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    fn tunnel(&mut self, name: &'static str, tunnel_type: u32, id: u32, data: Vec<u8>) {
        self.add(name, 1, data).tunnels = vec![(tunnel_type, id)];
    }

    /// A mirrored frame of VLAN 5, as its ERSPAN header says.
    fn mirror(&mut self, name: &'static str, id: u32, data: Vec<u8>) {
        let sample = self.add(name, 1, data);
        sample.tunnels = vec![(ERSPAN, id)];
        sample.vlans = vec![5];
    }
}

/// All of them. Names that end in 6 carry the IPv6 packet.
pub(crate) fn all() -> Vec<Sample> {
    let mut samples = Samples(vec![]);
    links(&mut samples);
    tunnels_over_ip(&mut samples);
    tunnels_over_udp(&mut samples);
    tunnels_over_ethernet(&mut samples);
    extensions(&mut samples);
    samples.0
}

fn links(samples: &mut Samples) {
    let (v4, v6) = (packet_4(), packet_6());
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    samples.add("ethernet", 1, frame_4());
    samples.add("ethernet, ipv6", 1, ethernet(0x86dd, &v6));
    samples.add(
        "802.3 with SNAP",
        1,
        ethernet((8 + v4.len()) as u16, &join(&[&snap, &v4])),
    );
    samples
        .add("802.1Q", 1, ethernet(0x8100, &vlan(5, 0x0800, &v4)))
        .vlans = vec![5];
    samples
        .add(
            "QinQ",
            1,
            ethernet(0x88a8, &vlan(7, 0x8100, &vlan(5, 0x0800, &v4))),
        )
        .vlans = vec![7, 5];
    samples.add("priority tag", 1, ethernet(0x8100, &vlan(0, 0x0800, &v4)));
    samples.add("null, little endian", 0, join(&[&[2, 0, 0, 0], &v4]));
    samples.add("null, big endian, ipv6", 0, join(&[&[0, 0, 0, 30], &v6]));
    samples.add("loop", 108, join(&[&[0, 0, 0, 2], &v4]));
    samples.add("ppp", 9, join(&[&[0xff, 3, 0, 0x21], &v4]));
    samples.add("ppp, short protocol", 9, join(&[&[0x21], &v4]));
    samples.add("ppp, ipv6", 9, join(&[&[0, 0x57], &v6]));
    samples.add("ppp hdlc", 50, join(&[&[0xff, 3, 0, 0x21], &v4]));
    samples.add("cisco hdlc", 50, join(&[&[0x0f, 0, 8, 0], &v4]));
    samples
        .add("ppp over ethernet", 51, pppoe(&join(&[&[0, 0x21], &v4])))
        .tunnels = vec![(PPPOE, 0x1234)];
    samples.add("raw bsd", 12, v4.clone());
    samples.add("raw openbsd", 14, v4.clone());
    samples.add("raw", 101, v4.clone());
    samples.add("raw, ipv6", 101, v6.clone());
    samples.add("link ipv4", 228, v4.clone());
    samples.add("link ipv6", 229, v6.clone());
    samples.add("frame relay", 107, join(&[&[0x18, 0x41, 3, 0xcc], &v4]));
    samples.add("frame relay, cisco", 107, join(&[&[0x18, 0x41, 8, 0], &v4]));
    let metadata = [1, 1, 0, 1, 0, 100, 8, 0];
    samples.add(
        "cisco metadata",
        1,
        ethernet(0x8909, &join(&[&metadata, &v4])),
    );
    let service = [
        0x0f, 0xc6, 1, 3, 0, 0, 1, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    samples.add(
        "network service header",
        1,
        ethernet(0x894f, &join(&[&service, &frame_4()])),
    );
    let sll = join(&[&[0, 0, 0, 1, 0, 6], &CLIENT_MAC, &[0, 0, 8, 0], &v4]);
    samples.add("linux cooked", 113, sll);
    let sll2 = join(&[
        &[0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6],
        &CLIENT_MAC,
        &[0, 0],
        &v6,
    ]);
    samples.add("linux cooked 2, ipv6", 276, sll2);
    let mark = [8, 0, 5, 0, 0, 0, 0, 3];
    let length = ((4 + v4.len()) as u16).to_le_bytes();
    samples.add(
        "nflog",
        239,
        join(&[&[2, 0, 0, 0], &mark, &[length[0], length[1], 9, 0], &v4]),
    );
    samples.add("802.11", 105, wireless(0x08, 2, &[]));
    samples.add("802.11 with qos", 105, wireless(0x88, 2, &[0, 0]));
    // Presence: TSFT, flags, and a second word; the flags say that 4 bytes of check sequence follow the frame.
    let radiotap = [
        0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0x10,
    ];
    samples.add(
        "radiotap",
        127,
        join(&[&radiotap, &wireless(0x08, 2, &[]), &[9, 9, 9, 9]]),
    );
    let prism = join(&[&[0x44, 0, 0, 0, 144, 0, 0, 0], &[0; 136]]);
    samples.add("prism", 119, join(&[&prism, &wireless(0x08, 2, &[])]));
    let avs = [0x80, 0x21, 0x10, 1, 0, 0, 0, 64];
    samples.add("avs", 163, join(&[&avs, &[0; 56], &wireless(0x08, 2, &[])]));
}

fn tunnels_over_ip(samples: &mut Samples) {
    let (v4, v6) = (packet_4(), packet_6());
    let frame = frame_4();
    samples.tunnel("ip in ip", IPIP, 0, ethernet(0x0800, &ipv4(4, &v4)));
    samples.tunnel("6in4, ipv6", IPIP, 0, ethernet(0x0800, &ipv4(41, &v6)));
    samples.tunnel("4in6, ipv4", IPIP, 0, ethernet(0x86dd, &ipv6(4, &v4)));
    samples.tunnel("gre", GRE, 0, over_gre(0, 0x0800, &[], &v4));
    let fields = [0, 0, 0, 0, 0, 0, 0, 77, 0, 0, 0, 1];
    samples.tunnel(
        "gre with all fields, ipv6",
        GRE,
        77,
        over_gre(0xb000, 0x86dd, &fields, &v6),
    );
    samples.tunnel(
        "nvgre",
        GRE,
        0x1234,
        over_gre(0x2000, 0x6558, &[0, 0x12, 0x34, 0xfe], &frame),
    );
    samples.tunnel(
        "gretap with a small key",
        GRE,
        0xfe,
        over_gre(0x2000, 0x6558, &[0, 0, 0, 0xfe], &frame),
    );
    let call = [0, 60, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2];
    samples.tunnel(
        "pptp",
        GRE,
        0,
        over_gre(0x3081, 0x880b, &call, &join(&[&[0xff, 3, 0, 0x21], &v4])),
    );
    samples.tunnel("wccp 2", GRE, 0, over_gre(0, 0x883e, &[0, 0, 0, 0], &v4));
    samples.tunnel("erspan 1", ERSPAN, 0, over_gre(0, 0x88be, &[], &frame));
    let erspan_2 = [0, 0, 0, 1, 0x10, 5, 0x08, 0x0b, 0, 0, 0, 0];
    let data = over_gre(0x1000, 0x88be, &erspan_2, &frame);
    samples.mirror("erspan 2", 11, data);
    let erspan_3 = [
        0, 0, 0, 1, 0x20, 5, 0x08, 0x0c, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    let data = over_gre(0x1000, 0x22eb, &erspan_3, &frame);
    samples.mirror("erspan 3", 12, data);
    samples.tunnel(
        "mpls in ip",
        MPLS,
        LABEL,
        ethernet(0x0800, &ipv4(137, &join(&[&LABELS, &v4]))),
    );
    let mpls = over_gre(0, 0x8847, &[], &join(&[&LABELS, &v4]));
    samples.add("mpls in gre", 1, mpls).tunnels = vec![(GRE, 0), (MPLS, LABEL)];
}

fn tunnels_over_udp(samples: &mut Samples) {
    let (v4, v6) = (packet_4(), packet_6());
    let frame = frame_4();
    samples.tunnel(
        "vxlan",
        VXLAN,
        42,
        over_udp(4789, &join(&[&vxlan(42), &frame])),
    );
    samples.tunnel(
        "vxlan, linux port",
        VXLAN,
        42,
        over_udp(8472, &join(&[&vxlan(42), &frame])),
    );
    let policy = [0x88, 0x08, 0, 3, 0, 0, 42, 0];
    samples.tunnel(
        "vxlan with group policy",
        VXLAN,
        42,
        over_udp(4789, &join(&[&policy, &frame])),
    );
    samples.tunnel(
        "vxlan-gpe",
        VXLAN,
        42,
        over_udp(4790, &join(&[&[0x0c, 0, 0, 3, 0, 0, 42, 0], &frame])),
    );
    samples.tunnel(
        "vxlan-gpe, ipv6",
        VXLAN,
        42,
        over_udp(4790, &join(&[&[0x0c, 0, 0, 2, 0, 0, 42, 0], &v6])),
    );
    let tagged = ethernet(0x8100, &vlan(6, 0x0800, &v4));
    let outer = ipv4(17, &udp(50_000, 4789, &join(&[&vxlan(42), &tagged])));
    let sample = samples.add(
        "vlans around and in vxlan",
        1,
        ethernet(0x8100, &vlan(5, 0x0800, &outer)),
    );
    sample.tunnels = vec![(VXLAN, 42)];
    sample.vlans = vec![5, 6];
    let geneve = [2, 0, 0x65, 0x58, 0, 0, 43, 0, 1, 2, 3, 1, 0, 0, 0, 0];
    samples.tunnel(
        "geneve with options",
        GENEVE,
        43,
        over_udp(6081, &join(&[&geneve, &frame])),
    );
    samples.tunnel(
        "geneve, ipv6",
        GENEVE,
        43,
        over_udp(6081, &join(&[&[0, 0, 0x86, 0xdd, 0, 0, 43, 0], &v6])),
    );
    samples.tunnel("gtp-u", GTP_U, 9, over_udp(2152, &gtp_u(0x30, &[], &v4)));
    samples.tunnel(
        "gtp-u with sequence",
        GTP_U,
        9,
        over_udp(2152, &gtp_u(0x32, &[0, 1, 0, 0], &v4)),
    );
    let extension = [0, 0, 0, 0x85, 1, 0x10, 1, 0];
    samples.tunnel(
        "gtp-u with extension, ipv6",
        GTP_U,
        9,
        over_udp(2152, &gtp_u(0x34, &extension, &v6)),
    );
    samples.tunnel("teredo, ipv6", TEREDO, 0, over_udp(3544, &v6));
    let indications = [
        0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6,
    ];
    samples.tunnel(
        "teredo with indications, ipv6",
        TEREDO,
        0,
        over_udp(3544, &join(&[&indications, &v6])),
    );
    let ppp = join(&[&[0xff, 3, 0, 0x21], &v4]);
    let id = 0x0003_0004;
    samples.tunnel(
        "l2tp",
        L2TP,
        id,
        over_udp(1701, &join(&[&[0, 2, 0, 3, 0, 4], &ppp])),
    );
    let length = (14 + 2 + ppp.len() as u16).to_be_bytes();
    let all = join(&[
        &[
            0x4a, 2, length[0], length[1], 0, 3, 0, 4, 0, 1, 0, 1, 0, 2, 9, 9,
        ],
        &ppp,
    ]);
    samples.tunnel("l2tp with all fields", L2TP, id, over_udp(1701, &all));
    samples.tunnel(
        "mpls in udp",
        MPLS,
        LABEL,
        over_udp(6635, &join(&[&LABELS, &v4])),
    );
}

fn tunnels_over_ethernet(samples: &mut Samples) {
    let (v4, v6) = (packet_4(), packet_6());
    let frame = frame_4();
    samples.tunnel(
        "mpls",
        MPLS,
        LABEL,
        ethernet(0x8847, &join(&[&LABELS, &v4])),
    );
    samples.tunnel(
        "mpls, ipv6",
        MPLS,
        LABEL,
        ethernet(0x8848, &join(&[&LABELS, &v6])),
    );
    samples.tunnel(
        "pseudowire",
        MPLS,
        LABEL,
        ethernet(0x8847, &join(&[&LABELS, &frame])),
    );
    samples.tunnel(
        "pseudowire with control word",
        MPLS,
        LABEL,
        ethernet(0x8847, &join(&[&LABELS, &[0, 0, 0, 0], &frame])),
    );
    let mut from_4 = frame.clone();
    from_4[0] = 0x44;
    samples.tunnel(
        "pseudowire to a MAC that starts with 4",
        MPLS,
        LABEL,
        ethernet(0x8847, &join(&[&LABELS, &from_4])),
    );
    samples.tunnel(
        "pppoe",
        PPPOE,
        0x1234,
        ethernet(0x8864, &pppoe(&join(&[&[0, 0x21], &v4]))),
    );
    samples.tunnel(
        "pppoe, ipv6",
        PPPOE,
        0x1234,
        ethernet(0x8864, &pppoe(&join(&[&[0, 0x57], &v6]))),
    );
    let nested = over_udp(2152, &gtp_u(0x30, &[], &ipv4(4, &packet_4())));
    let sample = samples.add("pppoe, vxlan, gtp-u, ip in ip", 1, {
        let in_vxlan = ipv4(17, &udp(50_000, 4789, &join(&[&vxlan(42), &nested])));
        ethernet(0x8864, &pppoe(&join(&[&[0, 0x21], &in_vxlan])))
    });
    sample.tunnels = vec![(PPPOE, 0x1234), (VXLAN, 42), (GTP_U, 9), (IPIP, 0)];
}

fn extensions(samples: &mut Samples) {
    samples.add(
        "ipv4 options",
        101,
        ipv4_with(6, 1, 0, &[1, 1, 1, 0], &tcp(4)),
    );
    let authentication = [
        6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    samples.add(
        "authentication header",
        101,
        ipv4(51, &join(&[&authentication, &tcp(4)])),
    );
    let hop_by_hop = [43, 0, 1, 4, 0, 0, 0, 0];
    let routing = [60, 0, 253, 0, 0, 0, 0, 0];
    let destination = [51, 0, 1, 4, 0, 0, 0, 0];
    let headers = join(&[
        &hop_by_hop,
        &routing,
        &destination,
        &[44],
        &authentication[1..],
        &[135, 0, 0, 0, 0, 0, 0, 1],
    ]);
    let mobility = [6, 0, 0, 0, 0, 0, 0, 0];
    samples.add(
        "extension headers, ipv6",
        101,
        ipv6(0, &join(&[&headers, &mobility, &tcp(6)])),
    );
}
