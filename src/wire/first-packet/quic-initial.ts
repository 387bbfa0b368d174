import type { Opening } from './opening.ts'

/**
 * The client Initial of RFC 9001, appendix A.2, whole: version 1, padded to 1200 bytes, its TLS ClientHello encrypted
 * under the connection id 8394c8f03e515708, so that a filter which looks into QUIC finds all in order.
 */
const INITIAL = [
  'wAAAAAEIg5TI8D5RVwgAAESee5rsNNGxyY3XaJ+47BHSQrEj3JvYurk2tH2S7DVsC6t99ZdtJ81En2MwAJnzmRwmDsTGDRezH4QpFXuzWhKC',
  'pkOo0iYsrWdQDK245zeMjrdTnsTUkF/tG+4fyKr7oXx1Dix6zgHmAF+A/LffYhIwyDcRs5ND+gKM6n9/tf+J6sIwgkmgIlIVXiNHtj1YxUV6',
  '/YTQXf/9sgOShEroEhVGgunPAS+QIabwvhfd0MIITc4l/5sGzeU10Pkgotsb82LCPlltEaT1ps85SIOKOuxOFdr4UApu9p7E4/62sdmOYQrI',
  't+w/r2rXYLe60dtLo0heipTcJQrj/bQe0V+2qOXroPw91gvI4wxcQoflOAXbBZrgZI2y9kJk7V45vi4g2C31ZtqN1ZmMyr2uBTBgrmx7Q3jo',
  'RtKfN+17TqnsXYLnlht/JakyOFH2gdWCNjql+Jk39aZyWL9jrW8aCx2W29T63fzvxSZrpmEXIjlckGVWvlKv4/VlY2rRsX1Qi3PYdD7rUkvi',
  'Kz3LwsdGjVQRnHRoRJoT2OO5WBGhmPNJHePn/pQrMwQHq/gqTtfBsxFmOsaYkPQVcBWFPZHpIwN8InozzdXsKByj95xEVGudkMoA8GTJnj3Z',
  'eRHTn+nF0LI6IpojTLNhhsSBnoucWSdyZjIpHWpBghHMKWLiD+R/6z7fMw8sYDqdSMD8tWmdv+WJZCXFusSu6C5XqFqvTiUT5PBXlrB7ou5H',
  '2AUG+NLCXlD9FN5x5sQYVZMC+Tmw4avVdvJ5xLLg/rhcHyj/GPWIkf/vEy7vL6CTRq7jPCjrEw/yj1t2aVMzQRMhGZbSABGhmOP8Qz+fJUEB',
  'CuF8G/ICWA9gR0cvs2hX/oQ7GfWYQAndwyQEToR6T0oKs09xlZXeNyUtYjU2XpuEOSsGEIU0nXMgOkoT6W9UMuwP1KHuZazN1eOQTfVMHaUQ',
  'sP8g3MDHf8ssDg62BcsFBNuHYyzz2LTa5ucFdp0d41QnASPLEUUO/GCsR2g9e40PgRNlVl/ZjEyOuTa8q40Gn8M72AGwOt6i4fvFqkY9CMoZ',
  'iW0r9ZoHG4UebCOQUhcvKWv7XnJAR5CiGBAU87lKTpfRF7Q4EwNozDnbstGYBlrjmGVHkmzSFi9Aop8MPIdFwPUPujhS5WbURXXCnTmgPwza',
  'chmEtvRAWR81XhLUOf8VCqt2E0mdvUmtq8hnbu8COxW2W/xcoGlIEJ8j81DbghI1NeuKdDO9q8uQknGm7Ly1i5NqiM1Ojy5v9YABdfETJT2P',
  'qcqIhcL1UuZX3GA/JS4ajjCPdvC+eeL7j11fu+LjDsrdIgcjyMCuqAeM38s4aCY/+PCUAFTaSHgYk6fkmtWv9K8wDNgEprYnmrP/OvtkSRyF',
  'GUqrdg1YpgZlT59EAOizhZE1b79kJayibchSRCWf8rGcQbn5bzyp7B3eQ02n0tOSuQXd89H5r5PRr1lQvUk/WqcxtAVt8xvSZ7a5CgeYMar1',
  'eb4KOQExN6rG1AT1GM/UaEBkfni/5wbKTPXpxUU+n3z9K4tMjRaaROVciNSpp/lHQkHiIa9EhgAYqwhWly4ZTNk0',
].join('')

/** QUIC (RFC 9000). Nothing is random: another connection id would need another encryption. */
export const quicOpening: Opening = {
  transport: 'udp',
  randomLength: 0,
  encode: () => new Uint8Array(Buffer.from(INITIAL, 'base64')),
}
